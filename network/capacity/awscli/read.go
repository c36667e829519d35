package awscli

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/internal/dump"
	"github.com/groundway-sdk/groundway/network"
	"github.com/groundway-sdk/groundway/network/capacity"
)

// A File describes one file of a dump directory, as network/awscli does.
type File struct {
	Name    string   // "elbv2-describe-load-balancers.json"
	Command []string // what prints it, but for the region and the output format
	Action  string   // the IAM action that the command needs
	Part    string   // what it fills, by its name in the snapshot's JSON
}

const (
	fileInstances     = "ec2-describe-instances.json"
	fileInstanceTypes = "ec2-describe-instance-types.json"
	fileAddresses     = "ec2-describe-addresses.json"
	fileEncryption    = "ec2-get-ebs-encryption-by-default.json"
	fileKey           = "ec2-get-ebs-default-kms-key-id.json"
	fileBalancers     = "elbv2-describe-load-balancers.json"
	fileClassic       = "elb-describe-load-balancers.json"
	fileRoles         = "iam-list-roles.json"
)

var services = []string{"ec2", "elasticloadbalancing", "vpc"}

func fileQuotas(service string) string {
	return "service-quotas-list-service-quotas-" + service + ".json"
}

func fileDefaults(service string) string {
	return "service-quotas-list-aws-default-service-quotas-" + service + ".json"
}

// Files returns the files that [Read] reads, in order.
func Files() []File {
	file := func(name, action, part, command string) File {
		return File{Name: name, Command: strings.Fields("aws " + command), Action: action, Part: part}
	}
	files := []File{
		file(fileAddresses, "ec2:DescribeAddresses", "quotaUses", "ec2 describe-addresses"),
		file(fileInstances, "ec2:DescribeInstances", "quotaUses", "ec2 describe-instances"),
		file(fileInstanceTypes, "ec2:DescribeInstanceTypes", "instanceTypes", "ec2 describe-instance-types"),
		file(fileKey, "ec2:GetEbsDefaultKmsKeyId", "ebsEncryption", "ec2 get-ebs-default-kms-key-id"),
		file(fileEncryption, "ec2:GetEbsEncryptionByDefault", "ebsEncryption", "ec2 get-ebs-encryption-by-default"),
		file(fileClassic, "elasticloadbalancing:DescribeLoadBalancers", "quotaUses", "elb describe-load-balancers"),
		file(fileBalancers, "elasticloadbalancing:DescribeLoadBalancers", "quotaUses", "elbv2 describe-load-balancers"),
		file(fileRoles, "iam:ListRoles", "serviceLinkedRoles", "iam list-roles"),
	}
	for _, s := range services {
		files = append(files,
			file(fileQuotas(s), "servicequotas:ListServiceQuotas", "quotas", "service-quotas list-service-quotas --service-code "+s),
			file(fileDefaults(s), "servicequotas:ListAWSDefaultServiceQuotas", "quotas", "service-quotas list-aws-default-service-quotas --service-code "+s))
	}
	return files
}

// Read reads the dump directory that is the root of fsys; the network is that of
// the same directory. The package documentation says what becomes of missing and of
// malformed files. With an error the snapshot is the zero one.
func Read(fsys fs.FS, n network.Snapshot) (capacity.Snapshot, error) {
	var known []string
	for _, f := range Files() {
		known = append(known, f.Name)
	}
	dir, err := dump.OpenDir(fsys, known, func(name string) (bool, error) { return slices.Contains(known, name), nil })
	if err != nil {
		return capacity.Snapshot{}, fmt.Errorf("read dump: %w", err)
	}
	r := &reader{dir: dir}
	s := capacity.Snapshot{Observation: n.Observation}
	if r.any() { // without one of these files nothing was asked
		s.Uses = capacity.CountNetwork(n.Parts, n.Account)
		r.uses(&s.Uses)
		r.quotas(&s.Quotas)
		r.types(&s.InstanceTypes)
		r.encryption(&s.Encryption)
		r.roles(&s.Roles)
	}
	if err := dir.Err(); err != nil {
		return capacity.Snapshot{}, err
	}
	return s, nil
}

type reader struct{ dir *dump.Dir }

// any reports whether somebody asked: the roles alone are listed for other packages too.
func (r *reader) any() bool {
	return slices.ContainsFunc(r.dir.Names(), func(name string) bool { return name != fileRoles })
}

func describe(name string) File {
	i := slices.IndexFunc(Files(), func(f File) bool { return f.Name == name })
	return Files()[i]
}

// list opens a file with a list, or returns the gap that it leaves.
func (r *reader) list(name, key string) (root dump.Value, gaps []groundway.Gap) {
	f := describe(name)
	root, ok := r.dir.Root(name)
	switch {
	case !ok:
		return root, []groundway.Gap{dump.NoFile(f.Action, name)}
	case !root.Get(key).Exists():
		root.Errorf("%s is missing; want the output of %s", key, strings.Join(f.Command, " "))
	}
	for _, token := range []string{"NextToken", "NextMarker", "Marker"} { // the second of load balancers, the third of IAM
		if ok && root.Text(token) != "" {
			gaps = []groundway.Gap{{Action: f.Action, Message: name + " holds the first page only: it has a " + token}}
		}
	}
	return root, gaps
}

// uses adds what the files of this package count.
func (r *reader) uses(part *groundway.Part[capacity.Use]) {
	add := func(gaps []groundway.Gap, uses ...capacity.Use) {
		if len(gaps) > 0 {
			part.Gaps = append(part.Gaps, gaps...)
			return
		}
		part.Items = append(part.Items, uses...)
	}
	root, gaps := r.list(fileAddresses, "Addresses")
	addresses := 0
	for a := range root.Objects("Addresses") {
		if pool := a.Text("PublicIpv4Pool"); a.Text("Domain") != "standard" && (pool == "" || pool == "amazon") {
			addresses++
		}
	}
	add(gaps, capacity.Use{Quota: capacity.Addresses, Count: addresses})

	root, gaps = r.list(fileInstances, "Reservations")
	var instances []capacity.Instance
	for reservation := range root.Objects("Reservations") {
		for i := range reservation.Objects("Instances") {
			if state := i.Object("State").Text("Name"); state == "pending" || state == "running" {
				instances = append(instances, instance(i))
			}
		}
	}
	add(gaps, capacity.CountInstances(instances)...)

	root, gaps = r.list(fileClassic, "LoadBalancerDescriptions")
	add(gaps, capacity.Use{Quota: capacity.ClassicLoadBalancers, Count: length(root, "LoadBalancerDescriptions", "")})
	root, gaps = r.list(fileBalancers, "LoadBalancers")
	add(gaps, capacity.Use{Quota: capacity.ApplicationLoadBalancers, Count: length(root, "LoadBalancers", "application")},
		capacity.Use{Quota: capacity.NetworkLoadBalancers, Count: length(root, "LoadBalancers", "network")})
	part.Seen = len(part.Items) > 0
	part.Partial = part.Seen && len(part.Gaps) > 0
}

func instance(i dump.Value) capacity.Instance {
	in := capacity.Instance{
		Type:     i.ID("InstanceType"),
		OnDemand: i.Text("InstanceLifecycle") == "" && i.Object("Placement").Text("Tenancy") != "host",
	}
	cores, threads := i.Object("CpuOptions").Count("CoreCount"), i.Object("CpuOptions").Count("ThreadsPerCore")
	if cores != nil && threads != nil {
		in.VCPUs = *cores * *threads
	}
	return in
}

// length counts the objects of a list, those of one type where that is given.
func length(root dump.Value, key, kind string) (n int) {
	for v := range root.Objects(key) {
		if kind == "" || v.Text("Type") == kind {
			n++
		}
	}
	return n
}

func (r *reader) quotas(part *groundway.Part[capacity.Quota]) {
	for _, service := range services {
		root, gaps := r.list(fileQuotas(service), "Quotas")
		part.Gaps = append(part.Gaps, gaps...)
		if !root.Exists() { // the defaults alone would be another account's
			continue
		}
		part.Seen = true
		r.quotasIn(part, root, service, false)
		root, ok := r.dir.Root(fileDefaults(service))
		if ok && len(gaps) == 0 { // a further page may have a value of the account's own
			r.quotasIn(part, root, service, true)
		}
	}
	part.Partial = part.Seen && len(part.Gaps) > 0
}

// quotasIn adds the quotas of a file that are counted, and not there yet.
func (r *reader) quotasIn(part *groundway.Part[capacity.Quota], root dump.Value, service string, byDefault bool) {
	for v := range root.Objects("Quotas") {
		q := capacity.Quota{Service: service, Code: v.ID("QuotaCode"), Default: byDefault}
		value := v.Number("Value")
		counted := slices.ContainsFunc(capacity.Limits(), func(l capacity.Limit) bool { return l.Quota == q.Key() })
		have := slices.ContainsFunc(part.Items, func(p capacity.Quota) bool { return p.Key() == q.Key() })
		if value != nil && counted && !have {
			q.Value = *value
			part.Items = append(part.Items, q)
		}
	}
}

func (r *reader) types(part *groundway.Part[capacity.InstanceType]) {
	root, gaps := r.list(fileInstanceTypes, "InstanceTypes")
	if part.Gaps = gaps; !root.Exists() {
		return
	}
	part.Seen, part.Partial = true, len(gaps) > 0
	count := func(n *int) int {
		if n == nil {
			return 0
		}
		return *n
	}
	types := dump.Items(root, "InstanceTypes", func(v dump.Value) capacity.InstanceType {
		n := v.Object("NetworkInfo")
		return capacity.InstanceType{
			Type: v.ID("InstanceType"), VCPUs: count(v.Object("VCpuInfo").Count("DefaultVCpus")), MemoryMiB: count(v.Object("MemoryInfo").Count("SizeInMiB")),
			Interfaces: count(n.Count("MaximumNetworkInterfaces")), Addresses: count(n.Count("Ipv4AddressesPerInterface")),
		}
	})
	// One that does not show its size is not known.
	part.Items = slices.DeleteFunc(types, func(t capacity.InstanceType) bool { return t.VCPUs == 0 || t.MemoryMiB == 0 })
}

func (r *reader) encryption(part *groundway.Part[capacity.Encryption]) {
	f := describe(fileEncryption)
	root, ok := r.dir.Root(f.Name)
	if !ok {
		*part = groundway.UnseenPart[capacity.Encryption](dump.NoFile(f.Action, f.Name))
		return
	}
	on := root.Bool("EbsEncryptionByDefault")
	if on == nil {
		root.Errorf("EbsEncryptionByDefault is missing; want the output of %s", strings.Join(f.Command, " "))
		return
	}
	e := capacity.Encryption{Default: *on}
	if e.Default {
		key, ok := r.dir.Root(fileKey)
		if !ok {
			*part = groundway.UnseenPart[capacity.Encryption](dump.NoFile(describe(fileKey).Action, fileKey))
			return
		}
		if e.KeyID = key.Text("KmsKeyId"); strings.HasSuffix(e.KeyID, "alias/aws/ebs") {
			e.KeyManager = "AWS"
		}
	}
	*part = groundway.SeenPart(e)
}

// roles looks for the service-linked roles among all. Whether the caller may have one
// made is in no file.
func (r *reader) roles(part *groundway.Part[capacity.ServiceRole]) {
	root, gaps := r.list(fileRoles, "Roles")
	if len(gaps) > 0 {
		*part = groundway.UnseenPart[capacity.ServiceRole](gaps...)
		return
	}
	var names []string
	for role := range root.Objects("Roles") {
		names = append(names, role.Text("RoleName"))
	}
	part.Seen = true
	for _, service := range capacity.Services() {
		name := capacity.RoleName(service)
		part.Items = append(part.Items, capacity.ServiceRole{Service: service, Name: name, Exists: slices.Contains(names, name)})
	}
}
