package awscli

import (
	"regexp"
	"slices"
	"strings"
)

// A File describes one file of a dump directory, as network/awscli does.
type File struct {
	Name    string   // "route53-list-hosted-zones.json"; ZONEID and VPCID in a name stand for the IDs of a hosted zone and of a VPC
	Command []string // what prints it, but for the output format; words in capitals are to be filled in
	Action  string   // the IAM action that the command needs
	Part    string   // what it fills, by its name in the snapshot's JSON
}

const (
	zoneInNames = "ZONEID"
	vpcInNames  = "VPCID"
)

// The names of the files, in their order.
const (
	fileAccountLimit = "route53-get-account-limit.json"
	fileDNSSEC       = "route53-get-dnssec-ZONEID.json"
	fileZone         = "route53-get-hosted-zone-ZONEID.json"
	fileZoneLimit    = "route53-get-hosted-zone-limit-ZONEID.json"
	fileVPCZones     = "route53-list-hosted-zones-by-vpc-VPCID.json"
	fileZones        = "route53-list-hosted-zones.json"
	fileRecords      = "route53-list-resource-record-sets-ZONEID.json"
)

// Files returns the files that [Read] reads, in the order of their names.
func Files() []File {
	call := func(name, action, part, command string) File {
		return File{name, strings.Fields("aws route53 " + command), action, part}
	}
	return []File{
		call(fileAccountLimit, "route53:GetAccountLimit", "hostedZoneLimits", "get-account-limit --type MAX_HOSTED_ZONES_BY_OWNER"),
		call(fileDNSSEC, "route53:GetDNSSEC", "hostedZoneDnssec", "get-dnssec --hosted-zone-id ZONEID"),
		call(fileZone, "route53:GetHostedZone", "hostedZoneDetails", "get-hosted-zone --id ZONEID"),
		call(fileZoneLimit, "route53:GetHostedZoneLimit", "hostedZoneLimits", "get-hosted-zone-limit --type MAX_RRSETS_BY_ZONE --hosted-zone-id ZONEID"),
		call(fileVPCZones, "route53:ListHostedZonesByVPC", "vpcHostedZones", "list-hosted-zones-by-vpc --vpc-id VPCID --vpc-region REGION"),
		call(fileZones, "route53:ListHostedZones", "hostedZones", "list-hosted-zones"),
		call(fileRecords, "route53:ListResourceRecordSets", "resourceRecordSets", "list-resource-record-sets --hosted-zone-id ZONEID"),
	}
}

func fileNamed(name string) File {
	files := Files()
	return files[slices.IndexFunc(files, func(f File) bool { return f.Name == name })]
}

// ofZone returns the name of the file of a zone.
func ofZone(pattern, id string) string { return strings.ReplaceAll(pattern, zoneInNames, id) }

// generic reports whether the name of a file has an ID to be filled in.
func generic(name string) bool {
	return strings.Contains(name, zoneInNames) || strings.Contains(name, vpcInNames)
}

// Route 53 gives IDs that begin with Z; emulators give others.
var zoneID = regexp.MustCompile(`^[0-9A-Z]{1,32}$`)

var vpcID = regexp.MustCompile(`^vpc-[0-9a-z]{1,32}$`)

// zoneOf returns the ID of the zone whose file of the pattern has this name.
func zoneOf(pattern, name string) (id string, ok bool) {
	id, ok = between(pattern, zoneInNames, name)
	return id, ok && id != zoneInNames && zoneID.MatchString(id)
}

// vpcOf returns the ID of the VPC whose file has this name.
func vpcOf(name string) (id string, ok bool) {
	id, ok = between(fileVPCZones, vpcInNames, name)
	return id, ok && vpcID.MatchString(id)
}

// between returns what stands in a name where the pattern has the placeholder.
func between(pattern, placeholder, name string) (text string, ok bool) {
	before, after, found := strings.Cut(pattern, placeholder)
	text, ok = strings.CutPrefix(name, before)
	if !ok || !found {
		return "", false
	}
	return strings.CutSuffix(text, after)
}

// Script returns lines for a POSIX shell that make the files of every hosted
// zone of the account. They follow the script of network/awscli, whose function
// save and whose variables vpc and region they use.
func Script() string {
	var b strings.Builder
	var each []string
	for _, f := range Files() {
		name, words := f.Name, strings.Join(f.Command[1:], " ")
		if generic(name) {
			name = `"` + strings.NewReplacer(zoneInNames, "$zone", vpcInNames, "$vpc").Replace(name) + `"`
		}
		words = strings.NewReplacer(" "+zoneInNames, ` "$zone"`, " "+vpcInNames, ` "$vpc"`, " REGION", ` "$region"`).Replace(words)
		line := "save " + name + " " + words
		if strings.Contains(f.Name, zoneInNames) {
			each = append(each, line)
			continue
		}
		b.WriteString(line + "\n")
	}
	b.WriteString("for zone in $(aws route53 list-hosted-zones --region \"$region\" --output text --query 'HostedZones[].Id'); do\n")
	b.WriteString("  zone=${zone#/hostedzone/}\n")
	for _, line := range each {
		b.WriteString("  " + line + "\n")
	}
	b.WriteString("done\n")
	return b.String()
}
