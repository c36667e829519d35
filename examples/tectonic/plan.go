package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/netip"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/examples/install"
	"github.com/groundway-sdk/groundway/iam/presets"
	"github.com/groundway-sdk/groundway/network"
	"github.com/groundway-sdk/groundway/pki"
	"github.com/groundway-sdk/groundway/route53"
)

// plan says all that an installation of Tectonic needs of an account, and makes the
// files that the installer is given.
func plan(ctx context.Context, j *install.Job) error {
	c, err := newCluster(j)
	if err != nil {
		return err
	}
	vpc, standIn := j.Network()
	if err := c.policies(ctx, vpc, standIn); err != nil {
		return err
	}
	for _, part := range []func() error{j.KeyPair, c.names} {
		if err := part(); err != nil {
			return err
		}
	}
	key, there, err := c.authorityKey(ctx)
	if err != nil || !there {
		return err
	}
	if err := c.certificates(key); err != nil {
		return err
	}
	if j.Files.Err() != nil {
		return nil // nothing is to be made of certificates that are not right
	}
	return c.identity()
}

// A cluster is one of Tectonic's.
type cluster struct {
	*install.Job
	console, api route53.Name
	bundle       pki.Bundle
}

func newCluster(j *install.Job) (*cluster, error) {
	s := j.Spec
	switch {
	case s.Profile != network.ProfileTectonic:
		return nil, install.Key("profile", "got %s, want tectonic", s.Profile)
	case s.Tectonic.AdminEmail == "":
		return nil, errors.New("the spec has no key tectonic, want a mapping with operators and adminEmail")
	case s.DNS.BaseDomain == "":
		return nil, errors.New("the spec has no key dns, want a mapping with zone and baseDomain: the cluster is reached by names")
	case s.SSH.KeyName == "":
		return nil, errors.New("the spec has no key ssh, want a mapping with keyName")
	}
	base, err := route53.ParseName(s.DNS.BaseDomain)
	if err != nil {
		return nil, err
	}
	names, err := route53.TectonicNames(s.Cluster, base)
	if err != nil {
		return nil, err
	}
	return &cluster{Job: j, console: names[0], api: names[1]}, nil
}

// policies plans the installer's policy and role. The policy names the VPC, so that
// it waits for one that is not there yet.
func (c *cluster) policies(ctx context.Context, vpc, standIn string) error {
	t := presets.Tectonic{
		Cluster: c.Spec.Cluster, BaseDomain: c.Spec.DNS.BaseDomain, HostedZone: c.Spec.DNS.Zone,
		PrivateZone: c.Spec.Tectonic.PrivateZone, VPC: cmp.Or(vpc, standIn), Internal: c.internal(),
		Bucket: c.Spec.Cluster + "-ncg." + c.Spec.DNS.BaseDomain, KMSKey: c.Spec.Resources.KMSKey,
		Operators: c.Spec.Tectonic.Operators, ExternalID: c.Spec.Tectonic.ExternalID, MFA: c.Spec.Tectonic.MFA,
	}
	set, err := t.Set(c.Scope)
	if err != nil {
		return err
	}
	c.Advise("iam/trust-unconditional", install.Action("Set tectonic.mfa: true in the spec for operators that are users, or tectonic.externalID."))
	waiting := ""
	if vpc == "" {
		waiting = c.Waiting("they name the VPC")
	}
	if err := c.Policies(ctx, set, waiting, t); err != nil {
		return err
	}
	c.Line(' ', "then: aws sts assume-role --role-arn %s --role-session-name tectonic-installer", c.Scope.ARN("iam", "role/"+set.Roles[0].Name))
	if c.Spec.Resources.KMSKey == "" {
		c.Line(' ', "the installer makes a KMS key, as the policy lets it")
	}
	return nil
}

func (c *cluster) internal() bool { return c.Spec.Topology == network.TopologyInternal }

// names says which names the installer will create, and what stands there.
func (c *cluster) names() error {
	c.Section("Names in the zone " + c.Spec.DNS.Zone)
	records := c.Snapshot.DNS.Records
	for _, n := range []route53.Name{c.console, c.api} {
		switch there, seen := find(records, c.Spec.DNS.Zone, n); {
		case there != "":
			c.Line('!', "%s: there is a record set of type %s already", n, there)
		case seen:
			c.Line(' ', "%s: free, for the installer to create", n)
		default:
			c.Line('?', "%s: what stands there was not seen", n)
		}
	}
	return nil
}

// find returns the type of a record set of this name, and whether there would be
// one in what was seen.
func find(records groundway.Part[route53.ZoneRecords], zone string, n route53.Name) (kind string, seen bool) {
	for _, z := range records.Items {
		if z.ZoneID != zone {
			continue
		}
		for _, set := range z.Sets.Items {
			if set.Name == n {
				return set.Type, true
			}
		}
		return "", z.Sets.Seen && !z.Sets.Partial
	}
	return "", false
}

// The installer's own, where the spec is silent.
var serviceCIDR = netip.MustParsePrefix("10.3.0.0/16")

// authorityKey returns the key of the kube authority, if the spec has it in KMS, and
// whether it is there: without it nothing can be signed.
func (c *cluster) authorityKey(ctx context.Context) (key pki.Bundle, there bool, err error) {
	alias := c.Spec.Tectonic.AuthorityKey
	if alias == "" {
		return pki.Bundle{}, true, nil
	}
	signer, err := c.SigningKey(ctx, alias)
	if err != nil || signer == nil {
		c.Files.Later("tls", "it waits for the key "+alias+", as does all that is made of it")
		return pki.Bundle{}, false, err
	}
	return pki.Bundle{}.Put(pki.Material{ID: pki.KubeCA, Key: pki.NewKey(signer)}), true, nil
}

func (c *cluster) certificates(key pki.Bundle) error {
	cluster := pki.Cluster{
		Name: c.Spec.Cluster, APIExternal: c.api.String(), ServiceCIDR: serviceCIDR, ConsoleHost: c.console.String(),
	}
	if c.Spec.Network.ServiceCIDR.IsValid() {
		cluster.ServiceCIDR = c.Spec.Network.ServiceCIDR
	}
	for i := range cmp.Or(c.Spec.Tectonic.EtcdMembers, 3) {
		cluster.EtcdMembers = append(cluster.EtcdMembers, pki.Node{Name: fmt.Sprintf("%s-etcd-%d.%s", c.Spec.Cluster, i, c.Spec.DNS.BaseDomain)})
	}
	if err := cluster.Check(); err != nil {
		return err
	}
	inventory, err := pki.NewInventory(cluster, pki.InventoryOptions{})
	if err != nil {
		return err
	}
	c.bundle, err = c.Files.Certificates(inventory, pki.TectonicLayout(), pki.IssueOptions{Time: c.Time, Provided: key})
	if err != nil {
		return err
	}
	c.Find(pki.Verify(c.bundle, cluster, pki.VerifyOptions{Time: c.Time, Inventory: inventory})...)
	var picture bytes.Buffer
	if err := pki.RenderSVG(&picture, inventory, c.bundle, pki.PictureOptions{Time: c.Time}); err != nil {
		return err
	}
	c.Draw("Certificates", picture.Bytes())
	return nil
}

// uid makes the subject of the administrator's tokens: the same in every run, for
// it must not change.
func uid(cluster, email string) string {
	h := sha256.Sum256([]byte("groundway tectonic " + cluster + " " + email))
	h[6], h[8] = h[6]&0x0f|0x80, h[8]&0x3f|0x80 // version 8, RFC 9562
	return fmt.Sprintf("%x-%x-%x-%x-%x", h[0:4], h[4:6], h[6:8], h[8:10], h[10:16])
}
