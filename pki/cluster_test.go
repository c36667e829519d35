package pki_test

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway/pki"
)

// noon is now in all tests.
var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

var (
	addr   = netip.MustParseAddr
	prefix = netip.MustParsePrefix
)

// demo is a cluster that has everything.
func demo() pki.Cluster {
	return pki.Cluster{
		Name:        "demo",
		APIExternal: "demo-api.k8s.example.com",
		APIInternal: "demo-api-internal.k8s.example.com",
		ServiceCIDR: prefix("10.3.0.0/16"),
		EtcdMembers: []pki.Node{
			{Name: "demo-etcd-0.k8s.example.com", Addresses: []netip.Addr{addr("10.0.1.10")}},
			{Name: "demo-etcd-1.k8s.example.com", Addresses: []netip.Addr{addr("10.0.2.10")}},
			{Name: "demo-etcd-2.k8s.example.com", Addresses: []netip.Addr{addr("10.0.3.10")}},
		},
		ConsoleHost: "demo.k8s.example.com",
		Kubelets:    []pki.Node{{Name: "ip-10-0-1-20.ec2.internal", Addresses: []netip.Addr{addr("10.0.1.20")}}},
	}
}

func TestClusterCheck(t *testing.T) {
	assert.NoError(t, demo().Check())
	long := strings.Repeat("a.", 127)
	for _, test := range []struct {
		name string
		edit func(*pki.Cluster)
		want string // after the name of the cluster; empty where it is good
	}{
		{"only an internal name", func(c *pki.Cluster) { c.APIExternal = "" }, ""},
		{"addresses for names", func(c *pki.Cluster) { c.APIExternal, c.APIInternal = "203.0.113.7", "2001:db8::7" }, ""},
		{"no name", func(c *pki.Cluster) { c.APIExternal, c.APIInternal = "", "" }, `/apiExternal "": the API server needs a name`},
		{"a URL", func(c *pki.Cluster) { c.APIExternal = "https://api.example.com" }, `/apiExternal "https://api.example.com": want the host alone, without the scheme`},
		{"a port", func(c *pki.Cluster) { c.APIInternal = "api.example.com:443" }, `/apiInternal "api.example.com:443": want the host alone, without the port`},
		{"an underscore", func(c *pki.Cluster) { c.APIInternal = "api_1.example.com" }, `/apiInternal "api_1.example.com": not a DNS name`},
		{"an address with a zone for a name", func(c *pki.Cluster) { c.APIExternal = "fe80::1%eth0" }, `/apiExternal "fe80::1%eth0": want an address without a zone`},
		{"a console at an address", func(c *pki.Cluster) { c.ConsoleHost = "203.0.113.7" }, `/consoleHost "203.0.113.7": want a DNS name, not an address`},
		{"a trailing dot", func(c *pki.Cluster) { c.ConsoleHost = "demo.example.com." }, `/consoleHost "demo.example.com.": not a DNS name`},
		{"too long", func(c *pki.Cluster) { c.ConsoleHost = long }, `/consoleHost "` + long + `": a DNS name has 253 characters at most, this one 254`},
		{"no services", func(c *pki.Cluster) { c.ServiceCIDR = netip.Prefix{} }, `/serviceCIDR "": want the block of the service addresses, such as 10.3.0.0/16`},
		{"host bits", func(c *pki.Cluster) { c.ServiceCIDR = prefix("10.3.0.1/16") }, `/serviceCIDR "10.3.0.1/16": the host bits are set; want 10.3.0.0/16`},
		{"small", func(c *pki.Cluster) { c.ServiceCIDR = prefix("10.3.0.0/30") }, `/serviceCIDR "10.3.0.0/30": too small: want eight addresses at least`},
		{"small for IPv6", func(c *pki.Cluster) { c.ServiceCIDR = prefix("fd00::/126") }, `/serviceCIDR "fd00::/126": too small: want eight addresses at least`},
		{"IPv6", func(c *pki.Cluster) { c.ServiceCIDR = prefix("fd00::/108") }, ""},
		{"small for etcd", func(c *pki.Cluster) { c.ServiceCIDR, c.SelfHostedEtcd = prefix("10.3.0.0/28"), true }, `/serviceCIDR "10.3.0.0/28": too small for the 20th address, which a self-hosted etcd has`},
		{"a service without namespace", func(c *pki.Cluster) { c.IdentityService = "dex" }, `/identityService "dex": want NAME.NAMESPACE of a service`},
		{"masters", func(c *pki.Cluster) { c.AdminGroup = "system:masters" }, `/adminGroup "system:masters": no binding can take its power back; name a group of your own and bind it to cluster-admin`},
		{"a node that is a path", func(c *pki.Cluster) { c.Kubelets[0].Name = "../../etc/passwd" }, `/kubelets/0/name "../../etc/passwd": not a DNS name`},
		{"a node without a name", func(c *pki.Cluster) { c.EtcdMembers[1].Name = "" }, `/etcdMembers/1/name "": want a DNS name`},
		{"a node twice", func(c *pki.Cluster) { c.EtcdMembers[1].Name = "DEMO-etcd-0.k8s.example.com" }, `/etcdMembers/1/name "DEMO-etcd-0.k8s.example.com": stands twice`},
		{"an address with a zone", func(c *pki.Cluster) { c.APIAddresses = []netip.Addr{addr("fe80::1%eth0")} }, `/apiAddresses/0 "fe80::1%eth0": want an address without a zone`},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := demo()
			test.edit(&c)
			err := c.Check()
			if test.want == "" {
				require.NoError(t, err)
				return
			}
			require.EqualError(t, err, `cluster "demo": `+test.want)
			_, err = pki.NewInventory(c, pki.InventoryOptions{})
			require.EqualError(t, err, `inventory: cluster "demo": `+test.want)
		})
	}
	c := demo()
	c.APIExternal, c.ConsoleHost = "a b", "c:1"
	assert.EqualError(t, c.Check(), "cluster \"demo\": /apiExternal \"a b\": not a DNS name\n"+
		`cluster "demo": /consoleHost "c:1": want the host alone, without the port`, "all of them at once")
}
