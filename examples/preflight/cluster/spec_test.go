package cluster_test

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway/examples/preflight/cluster"
	"github.com/groundway-sdk/groundway/network"
	"github.com/groundway-sdk/groundway/sshkeys"
)

const (
	head = `cluster: demo
profile: tectonic
topology: public
region: us-east-1
`
	vpc = `network:
  vpc: vpc-0a1
  controllerSubnets: [subnet-0c1]
  workerSubnets: [subnet-0e1]
`
)

func minimal() cluster.Spec {
	return cluster.Spec{
		Cluster: "demo", Profile: network.ProfileTectonic, Topology: network.TopologyPublic, Region: "us-east-1",
		Network: cluster.Network{
			VPC: "vpc-0a1", ControllerSubnets: []string{"subnet-0c1"}, WorkerSubnets: []string{"subnet-0e1"},
		},
	}
}

func TestParseSpec(t *testing.T) {
	full := minimal()
	full.Topology = network.TopologyInternal
	full.Network.ControllerSubnets = []string{"subnet-0c2", "subnet-0c1"}
	full.Network.PodCIDR = netip.MustParsePrefix("10.2.0.0/16")
	full.Network.ServiceCIDR = netip.MustParsePrefix("fd00:10::/112")
	full.Network.PrivateNetworks = []netip.Prefix{netip.MustParsePrefix("10.128.0.0/9")}
	full.Network.InstanceTypes = []string{"m5.large", "u-6tb1.56xlarge"}
	full.Network.ControllerSecurityGroups, full.Network.WorkerSecurityGroups = []string{"sg-0c1"}, []string{"sg-0e1", "sg-0e2"}
	full.Network.JumpHostSubnet, full.Network.JumpHostSecurityGroups = "subnet-0p1", []string{"sg-0a1"}
	full.Network.FileSystemSubnets, full.Network.FileSystemSecurityGroups = []string{"subnet-0e1"}, []string{"sg-0f1"}
	full.DNS = cluster.DNS{Zone: "Z0123", BaseDomain: "k8s.example.com"}
	full.SSH = cluster.SSH{KeyName: "ops team", PublicKey: sshkeys.MustParsePublicKey(publicKey)}
	quoted := minimal()
	quoted.Cluster = "123"

	for _, test := range []struct {
		name, text string
		want       cluster.Spec
	}{
		{"minimal", head + vpc, minimal()},
		{"byte order mark", "\ufeff" + head + vpc, minimal()},
		{"line ends of Windows", strings.ReplaceAll(head+vpc, "\n", "\r\n"), minimal()},
		{"end marker", "---\n" + head + vpc + "...\n", minimal()},
		{"JSON", `{"cluster":"demo","profile":"tectonic","topology":"public","region":"us-east-1","network":` +
			`{"vpc":"vpc-0a1","controllerSubnets":["subnet-0c1"],"workerSubnets":["subnet-0e1"]}}`, minimal()},
		{"a number in quotes", strings.Replace(head, "demo", `"123"`, 1) + vpc, quoted},
		{"everything", `# a comment
cluster: demo
profile: "tectonic"
topology: internal
region: us-east-1
network:
  vpc: vpc-0a1
  controllerSubnets: # in this order
    - subnet-0c2
    - subnet-0c1
  workerSubnets: [subnet-0e1]
  podCIDR: 10.2.0.0/16
  serviceCIDR: fd00:10::/112
  privateNetworks: [10.128.0.0/9]
  instanceTypes: [m5.large, u-6tb1.56xlarge]
  controllerSecurityGroups: [sg-0c1]
  workerSecurityGroups: [sg-0e1, sg-0e2]
  jumpHostSubnet: subnet-0p1
  jumpHostSecurityGroups: [sg-0a1]
  fileSystemSubnets: [subnet-0e1]
  fileSystemSecurityGroups: [sg-0f1]
dns: {zone: Z0123, baseDomain: k8s.example.com}
ssh:
  keyName: ops team
  publicKey: >
    ` + publicKey + `
`, full},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := cluster.ParseSpec("cluster.yaml", []byte(test.text))
			require.NoError(t, err)
			assert.Equal(t, test.want, got)
		})
	}
}

func TestParseSpecErrors(t *testing.T) {
	const levels = "cluster, profile, topology, region, account, network, dns, ssh, permissions, resources, credentials, nodes, tectonic, elastic, jenkinsx"
	for _, test := range []struct {
		name, text string
		want       []string // without the file
	}{
		// The text as a whole.
		{"empty", "", []string{"1:1: the text is empty, want a spec that begins with the key cluster"}},
		{"a comment", "\n# none\n", []string{"1:1: the text is empty, want a spec that begins with the key cluster"}},
		{"null", "~\n", []string{"1:1: the text is empty, want a spec that begins with the key cluster"}},
		{"a word", "demo\n", []string{`1:1: got the text "demo", want the keys of a spec, such as cluster: demo`}},
		{"a list", "- demo\n", []string{"1:1: got a list, want the keys of a spec, such as cluster: demo"}},
		{"two documents", head + vpc + "---\n" + head, []string{"9:1: got a second document, want one spec a file"}},
		{"an empty second document", head + vpc + "---\n", []string{"9:1: got a second document, want one spec a file"}},
		{"a broken second document", head + vpc + "---\na: [\n", []string{"10:4: not YAML: did not find expected node content"}},
		{"over 1 MiB", head + vpc + "#" + strings.Repeat("x", 1<<20), []string{"1:1: the text is over 1 MiB, which no spec is"}},
		{"Latin-1", head + "# gr\xfcn\n" + vpc, []string{"5:5: got the byte 0xfc, want text in UTF-8"}},
		{"UTF-16", "\xff\xfec\x00l\x00", []string{"1:1: the text is UTF-16, want UTF-8"}},

		// Not YAML: the place is where the parser stopped, or what was left open.
		{"tab", head + "network:\n\tvpc: vpc-0a1\n", []string{"6:1: got a tab, want spaces: YAML is not indented by tabs"}},
		{"tab after spaces", head + "network:\n  vpc: vpc-0a1\n\tworkerSubnets: []\n", []string{"7:1: got a tab, want spaces: YAML is not indented by tabs"}},
		{"no colon", "cluster: demo\nregion us-east-1\ntopology: public\n", []string{"2:1: not YAML: could not find expected ':'"}},
		{"two colons", "cluster: demo: x\n", []string{"1:14: not YAML: mapping values are not allowed in this context"}},
		{"an open list", head + "network:\n  controllerSubnets: [subnet-0c1\n  vpc: vpc-0a1\n", []string{"6:23: not YAML: did not find expected ',' or ']'"}},
		{"an open quote", "cluster: \"demo\nregion: us-east-1\n", []string{"2:18: not YAML: found unexpected end of stream"}},
		{"indentation", head + "network:\n  vpc: vpc-0a1\n workerSubnets: []\n", []string{"7:2: not YAML: did not find expected key"}},
		{"a reserved character", "cluster: @demo\n", []string{"1:10: not YAML: found character that cannot start any token"}},
		{"a control character", "cluster: de\x01mo\n", []string{"1:12: not YAML: control characters are not allowed"}},
		{"an alias of nothing", "cluster: *x\n", []string{"1:11: not YAML: unknown anchor 'x' referenced"}},
		{"columns are characters", "cluster: \"ä\": x\n", []string{"1:13: not YAML: mapping values are not allowed in this context"}},

		// Keys.
		{"nothing", "{}", []string{
			`1:1: the key "cluster" is missing, want the name of the cluster`,
			`1:1: the key "profile" is missing, want tectonic, elastic, eks or kubeadm`,
			`1:1: the key "topology" is missing, want public or internal`,
			`1:1: the key "region" is missing, want an AWS region such as us-east-1`,
			`1:1: the key "network" is missing, want a mapping with vpc and its subnets`,
		}},
		{"nothing within", head + "network: {}\nssh: {}\ndns: {}\n", []string{
			`5:10: network: the key "vpc" is missing, want the ID of a VPC`,
			`5:10: network: the key "controllerSubnets" is missing, want a list of subnet IDs`,
			`5:10: network: the key "workerSubnets" is missing, want a list of subnet IDs`,
			`6:6: ssh: the key "keyName" is missing, want the name of a key pair in EC2`,
			`7:6: dns: the key "zone" is missing, want the ID of a hosted zone`,
			`7:6: dns: the key "baseDomain" is missing, want a domain such as k8s.example.com`,
		}},
		{
			"a misspelt key is not missing too", strings.Replace(head, "region", "regoin", 1) + vpc,
			[]string{`4:1: unknown key "regoin", the nearest is "region", want one of ` + levels},
		},
		{"a misspelt key within", head + strings.Replace(vpc, "controllerS", "controlerS", 1), []string{
			`7:3: network: unknown key "controlerSubnets", the nearest is "controllerSubnets", ` +
				`want one of vpc, cidr, zones, controllerSubnets, workerSubnets, podCIDR, serviceCIDR, privateNetworks, instanceTypes,` +
				` controllerSecurityGroups, workerSecurityGroups, jumpHostSubnet, jumpHostSecurityGroups, fileSystemSubnets, fileSystemSecurityGroups`,
		}},
		{
			"another case", strings.Replace(head, "region", "REGION", 1) + vpc,
			[]string{`4:1: unknown key "REGION", the nearest is "region", want one of ` + levels},
		},
		{
			"a key like no other", head + vpc + "loadBalancer: nlb\n",
			[]string{`9:1: unknown key "loadBalancer", want one of ` + levels},
		},
		{
			"a hostile key", head + vpc + `"\e[2J\u202e$(rm -rf ~)": x` + "\n",
			[]string{`9:1: unknown key "\x1b[2J\u202e$(rm -rf ~)", want one of ` + levels},
		},
		{
			"a huge key", head + vpc + "? " + strings.Repeat("x", 5000) + "\n: y\n",
			[]string{`9:3: unknown key "` + strings.Repeat("x", 60) + `"…, want one of ` + levels},
		},
		{"no indentation", head + "network:\nvpc: vpc-0a1\n", []string{
			`5:9: network: got nothing, want a mapping with vpc and its subnets`,
			`6:1: unknown key "vpc", which belongs within network`,
		}},
		{
			"too much indentation", strings.Replace(head, "region: us-east-1\n", "", 1) + vpc + "  region: us-east-1\n",
			[]string{`8:3: network: unknown key "region", which belongs to the outermost level`},
		},
		{"twice", head + "region: eu-west-1\n" + vpc, []string{`5:1: the key "region" stands twice, first in line 4`}},
		{"an unknown key twice", head + vpc + "x: 1\nx: 1\n", []string{
			`9:1: unknown key "x", want one of ` + levels,
			`10:1: the key "x" stands twice, first in line 9`,
		}},
		{"a list for a key", head + vpc + "? [a]\n: b\n", []string{`9:3: got a list for a key, want one of ` + levels}},
		{"a merge key", head + vpc + "<<: {dns: x}\n", []string{`9:1: unknown key "<<", want one of ` + levels}},

		// What a spec does not use of YAML.
		{"anchor and alias", strings.Replace(head, "demo", "&a demo", 1) + "dns: {zone: *a, baseDomain: example.com}\n" + vpc, []string{
			`1:10: cluster: got the anchor "&a", which a spec does not use`,
			`5:13: dns.zone: got the alias "*a", want the value itself`,
		}},
		{"an alias of itself", head + vpc + "dns: &a {zone: *a}\n", []string{`9:6: dns: got the anchor "&a", which a spec does not use`}},
		{"an anchor at the top", "&a\n" + head + vpc, []string{`1:1: got the anchor "&a", which a spec does not use`}},
		{"an alias for a key", "cluster: &a demo\n*a : x\n" + head[len("cluster: demo\n"):] + vpc, []string{
			`1:10: cluster: got the anchor "&a", which a spec does not use`,
			`2:1: got the alias "*a", want the value itself`,
		}},
		{"a tag", strings.Replace(head, "demo", "!!binary ZGVtbw==", 1) + vpc, []string{`1:10: cluster: got the tag "!!binary", which a spec does not use`}},

		// Types.
		{
			"a text for a list", head + strings.Replace(vpc, "[subnet-0c1]", "subnet-0c1", 1),
			[]string{`7:22: network.controllerSubnets: got the text "subnet-0c1", want a list of subnet IDs`},
		},
		{
			"an empty list", head + strings.Replace(vpc, "[subnet-0c1]", "[]", 1),
			[]string{`7:22: network.controllerSubnets: got an empty list, want a list of subnet IDs`},
		},
		{"a list of other things", head + strings.Replace(vpc, "subnet-0c1", "~, 5, [x], {x: y}", 1), []string{
			`7:23: network.controllerSubnets[0]: got nothing, want the ID of a subnet`,
			`7:26: network.controllerSubnets[1]: got the number "5", want the ID of a subnet`,
			`7:29: network.controllerSubnets[2]: got a list, want the ID of a subnet`,
			`7:34: network.controllerSubnets[3]: got a mapping, want the ID of a subnet`,
		}},
		{"a text for a mapping", head + vpc + "dns: Z0123\n", []string{`9:6: dns: got the text "Z0123", want a mapping with zone and baseDomain`}},
		{"a mapping for a text", strings.Replace(head, "demo", "{name: demo}", 1) + vpc, []string{`1:10: cluster: got a mapping, want the name of the cluster`}},
		{"no value", strings.Replace(head, "demo", "", 1) + vpc, []string{`1:9: cluster: got nothing, want the name of the cluster`}},
		{"a number", strings.Replace(head, "demo", "123", 1) + vpc, []string{`1:10: cluster: got the number "123", want it in quotes, which make it a text`}},
		{"a truth value", strings.Replace(head, "demo", "true", 1) + vpc, []string{`1:10: cluster: got the truth value "true", want it in quotes, which make it a text`}},
		{"a date", strings.Replace(head, "us-east-1", "2026-01-02", 1) + vpc, []string{`4:9: region: got the date "2026-01-02", want an AWS region such as us-east-1`}},

		// Values.
		{
			"an upper-case name", strings.Replace(head, "demo", "Demo", 1) + vpc,
			[]string{`1:10: cluster: got "Demo", want lower-case letters, digits and hyphens, no hyphen first or last`},
		},
		{
			"a final hyphen", strings.Replace(head, "demo", "demo-", 1) + vpc,
			[]string{`1:10: cluster: got "demo-", want lower-case letters, digits and hyphens, no hyphen first or last`},
		},
		{
			"an empty name", strings.Replace(head, "demo", `""`, 1) + vpc,
			[]string{`1:10: cluster: got "", want lower-case letters, digits and hyphens, no hyphen first or last`},
		},
		{
			"a name and a line break", strings.Replace(head, "demo", `"demo\n"`, 1) + vpc,
			[]string{`1:10: cluster: got "demo\n", want lower-case letters, digits and hyphens, no hyphen first or last`},
		},
		{
			"a long name", strings.Replace(head, "demo", strings.Repeat("d", 101), 1) + vpc,
			[]string{`1:10: cluster: got "` + strings.Repeat("d", 60) + `"… of 101 characters, want 100 at most`},
		},
		{
			"a profile in capitals", strings.Replace(head, "tectonic", "EKS", 1) + vpc,
			[]string{`2:10: profile: got "EKS", want tectonic, elastic, eks or kubeadm`},
		},
		{
			"a profile of none", strings.Replace(head, "tectonic", "tektonic", 1) + vpc,
			[]string{`2:10: profile: got "tektonic", want tectonic, elastic, eks or kubeadm`},
		},
		{"a topology", strings.Replace(head, "public", "pubic", 1) + vpc, []string{`3:11: topology: got "pubic", want public or internal`}},
		{
			"a zone for a region", strings.Replace(head, "us-east-1", "us-east-1a", 1) + vpc,
			[]string{`4:9: region: got "us-east-1a", an availability zone, want its region us-east-1`},
		},
		{
			"a place for a region", strings.Replace(head, "us-east-1", "Virginia", 1) + vpc,
			[]string{`4:9: region: got "Virginia", want an AWS region such as us-east-1`},
		},
		{
			"an ARN", head + strings.Replace(vpc, "vpc-0a1", "arn:aws:ec2:us-east-1:111122223333:vpc/vpc-0a1", 1),
			[]string{`6:8: network.vpc: got the ARN "arn:aws:ec2:us-east-1:111122223333:vpc/vpc-0a1", want the ID of the VPC alone, such as vpc-0a1b2c3d`},
		},
		{
			"an ID of something else", head + strings.Replace(vpc, "subnet-0c1", "vpc-0c1", 1),
			[]string{`7:23: network.controllerSubnets[0]: got "vpc-0c1", want the ID of a subnet, such as subnet-0a1b2c3d`},
		},
		{
			"an ID with more", head + strings.Replace(vpc, "subnet-0c1", `"subnet-0c1; rm -rf ~"`, 1),
			[]string{`7:23: network.controllerSubnets[0]: got "subnet-0c1; rm -rf ~", want the ID of a subnet, such as subnet-0a1b2c3d`},
		},
		{
			"host bits", head + vpc + "  podCIDR: 10.2.0.5/16\n",
			[]string{`9:12: network.podCIDR: got "10.2.0.5/16", which has bits set after the first 16, want 10.2.0.0/16`},
		},
		{
			"no length", head + vpc + "  serviceCIDR: 10.3.0.0\n",
			[]string{`9:16: network.serviceCIDR: got "10.3.0.0", want an address block with its length, such as 10.2.0.0/16`},
		},
		{
			"a wrong length", head + vpc + "  podCIDR: 10.2.0.0/33\n",
			[]string{`9:12: network.podCIDR: got "10.2.0.0/33", want an address block such as 10.2.0.0/16`},
		},
		{
			"IPv4 in IPv6", head + vpc + "  podCIDR: \"::ffff:10.2.0.0/112\"\n",
			[]string{`9:12: network.podCIDR: got "::ffff:10.2.0.0/112", an IPv4 address in the form of IPv6, want an address block such as 10.2.0.0/16`},
		},
		{
			"a new VPC and an old one", head + vpc + "  cidr: 10.0.0.0/16\n",
			[]string{
				"6:3: network.vpc: stands beside cidr, want one of the two",
				"7:3: network.controllerSubnets: stands beside cidr, want one of the two",
				"8:3: network.workerSubnets: stands beside cidr, want one of the two",
			},
		},
		{
			"a large VPC", head + "network:\n  cidr: 10.0.0.0/8\n",
			[]string{`6:9: network.cidr: got "10.0.0.0/8", want an IPv4 block from /16 to /28, such as 10.0.0.0/16`},
		},
		{
			"an account without quotes", head + vpc + "account: 111122223333\n",
			[]string{`9:10: account: got the number "111122223333", want it in quotes, which make it a text`},
		},
		{
			"an account with more", head + vpc + "account: \"111122223333;\"\n",
			[]string{`9:10: account: got "111122223333;", want the 12 digits of an AWS account, such as "111122223333"`},
		},
		{
			"hostile names", head + vpc + "tectonic:\n  operators: [\"arn:aws:iam::111122223333:user/*\"]\n  adminEmail: \"$(id)@example.com\"\n  etcdMembers: 10\n  mfa: maybe\n",
			[]string{
				`10:15: tectonic.operators[0]: got "arn:aws:iam::111122223333:user/*", want the ARN of a user or role, such as arn:aws:iam::111122223333:user/ops`,
				`11:15: tectonic.adminEmail: got "$(id)@example.com", want an address such as ops@example.com`,
				`12:16: tectonic.etcdMembers: got the number "10", want a number from 1 to 9`,
				`13:8: tectonic.mfa: got the text "maybe", want true or false`,
			},
		},
		{
			"a section without its keys", head + vpc + "elastic:\n  securityGroup: \"a\\tb\"\n",
			[]string{
				`10:3: elastic: the key "secrets" is missing, want what the names of its secrets begin with`,
				`10:18: elastic.securityGroup: got "a\tb", want the name of a security group`,
			},
		},
		{
			"a zone with its path", head + vpc + "dns: {zone: /hostedzone/Z0123, baseDomain: example.com}\n",
			[]string{`9:13: dns.zone: got "/hostedzone/Z0123", want the ID alone: Z0123`},
		},
		{
			"a zone by its name", head + vpc + "dns: {zone: example.com, baseDomain: example.com}\n",
			[]string{`9:13: dns.zone: got "example.com", want the ID of a hosted zone, such as Z0123456789ABC`},
		},
		{
			"a final dot", head + vpc + "dns: {zone: Z0123, baseDomain: example.com.}\n",
			[]string{`9:32: dns.baseDomain: got "example.com.", want a domain in lower case without a final dot, such as k8s.example.com`},
		},
		{
			"a key name", head + vpc + "ssh: {keyName: \"ops\\n\"}\n",
			[]string{`9:16: ssh.keyName: got "ops\n", want the name of a key pair: 1 to 255 ASCII characters, no space first or last`},
		},
		{
			"no public key", head + vpc + "ssh: {keyName: ops, publicKey: id_ed25519.pub}\n",
			[]string{`9:32: ssh.publicKey: got a line that is no key, want one such as ssh-ed25519 AAAA…`},
		},

		{
			"keys of groups and types", head + vpc + "  workerSecurityGroups: [subnet-0e1, default]\n  instanceTypes: [m5]\n  jumpHostSubnet: [subnet-0p1]\n  privateNetworks: []\n",
			[]string{
				`9:26: network.workerSecurityGroups[0]: got "subnet-0e1", want the ID of a security group, such as sg-0a1b2c3d`,
				`9:38: network.workerSecurityGroups[1]: got "default", want the ID of a security group, such as sg-0a1b2c3d`,
				`10:19: network.instanceTypes[0]: got "m5", want an instance type such as m5.large`,
				`11:19: network.jumpHostSubnet: got a list, want the ID of a subnet`,
				`12:20: network.privateNetworks: got an empty list, want a list of address blocks`,
			},
		},
		{"all at once, in the order of the text", "cluster: Demo\nprofile: Kubeadm\nregion: us-east-1\nnetwork: [x]\n", []string{
			`1:1: the key "topology" is missing, want public or internal`,
			`1:10: cluster: got "Demo", want lower-case letters, digits and hyphens, no hyphen first or last`,
			`2:10: profile: got "Kubeadm", want tectonic, elastic, eks or kubeadm`,
			`4:10: network: got a list, want a mapping with vpc and its subnets`,
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := cluster.ParseSpec("cluster.yaml", []byte(test.text))
			require.Error(t, err)
			want := "cluster.yaml:" + strings.Join(test.want, "\ncluster.yaml:")
			assert.Equal(t, want, err.Error())
			assert.Zero(t, got)
		})
	}
}

func TestParseSpecListsTwentyMistakes(t *testing.T) {
	var text strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&text, "key%d: x\n", i)
	}
	_, err := cluster.ParseSpec("cluster.yaml", []byte(text.String()))
	lines := strings.Split(err.Error(), "\n")
	require.Len(t, lines, 21)
	assert.Equal(t, "cluster.yaml: 985 more mistakes", lines[20])
}

// A private key that stands where the public one belongs is not repeated.
func TestParseSpecHidesPrivateKeys(t *testing.T) {
	const body = "b3BlbnNzaC1rZXktdjEAAAAA"
	for _, key := range []string{
		"-----BEGIN OPENSSH PRIVATE KEY-----\n" + body + "\n-----END OPENSSH PRIVATE KEY-----",
		"PuTTY-User-Key-File-3: ssh-ed25519\n" + body,
		body,
	} {
		text := head + vpc + "ssh:\n  keyName: ops\n  publicKey: |\n    " + strings.ReplaceAll(key, "\n", "\n    ") + "\n"
		_, err := cluster.ParseSpec("cluster.yaml", []byte(text))
		require.ErrorContains(t, err, "cluster.yaml:11:14: ssh.publicKey: got ")
		assert.NotContains(t, err.Error(), body)
	}
}

func TestReadSpec(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "cluster.yaml")
	require.NoError(t, os.WriteFile(path, []byte(head+vpc), 0o600))
	got, err := cluster.ReadSpec(path)
	require.NoError(t, err)
	assert.Equal(t, minimal(), got)

	_, err = cluster.ReadSpec(filepath.Join(dir, "none.yaml"))
	assert.ErrorIs(t, err, os.ErrNotExist)
	assert.ErrorContains(t, err, "read spec: open ")
	_, err = cluster.ReadSpec(dir)
	assert.ErrorContains(t, err, "read spec: read ")
	_, err = cluster.ReadSpec("/dev/zero")
	assert.EqualError(t, err, "/dev/zero:1:1: the text is over 1 MiB, which no spec is")
}

// specText writes a spec as YAML that ParseSpec reads.
func specText(s cluster.Spec) string {
	var b strings.Builder
	topology := "public"
	if s.Topology == network.TopologyInternal {
		topology = "internal"
	}
	list := func(ids []string) string { return "[" + strings.Join(ids, ", ") + "]" }
	fmt.Fprintf(&b, "cluster: %q\nprofile: %s\ntopology: %s\nregion: %s\nnetwork:\n", s.Cluster, s.Profile, topology, s.Region)
	fmt.Fprintf(&b, "  vpc: %s\n  controllerSubnets: %s\n  workerSubnets: %s\n", s.Network.VPC,
		list(s.Network.ControllerSubnets), list(s.Network.WorkerSubnets))
	if s.Network.PodCIDR.IsValid() {
		fmt.Fprintf(&b, "  podCIDR: %q\n", s.Network.PodCIDR)
	}
	if s.Network.ServiceCIDR.IsValid() {
		fmt.Fprintf(&b, "  serviceCIDR: %q\n", s.Network.ServiceCIDR)
	}
	for _, l := range []struct {
		key string
		ids []string
	}{
		{"instanceTypes", s.Network.InstanceTypes},
		{"controllerSecurityGroups", s.Network.ControllerSecurityGroups},
		{"workerSecurityGroups", s.Network.WorkerSecurityGroups},
		{"jumpHostSecurityGroups", s.Network.JumpHostSecurityGroups},
		{"fileSystemSubnets", s.Network.FileSystemSubnets},
		{"fileSystemSecurityGroups", s.Network.FileSystemSecurityGroups},
	} {
		if len(l.ids) > 0 {
			fmt.Fprintf(&b, "  %s: %s\n", l.key, list(l.ids))
		}
	}
	for i, p := range s.Network.PrivateNetworks {
		if i == 0 {
			b.WriteString("  privateNetworks:\n")
		}
		fmt.Fprintf(&b, "    - %q\n", p)
	}
	if s.Network.JumpHostSubnet != "" {
		fmt.Fprintf(&b, "  jumpHostSubnet: %s\n", s.Network.JumpHostSubnet)
	}
	if s.DNS != (cluster.DNS{}) {
		fmt.Fprintf(&b, "dns: {zone: %s, baseDomain: %q}\n", s.DNS.Zone, s.DNS.BaseDomain)
	}
	if s.SSH != (cluster.SSH{}) {
		fmt.Fprintf(&b, "ssh:\n  keyName: %q\n", s.SSH.KeyName)
		if !s.SSH.PublicKey.IsZero() {
			fmt.Fprintf(&b, "  publicKey: %q\n", s.SSH.PublicKey)
		}
	}
	return b.String()
}

func FuzzParseSpec(f *testing.F) {
	full := minimal()
	full.Network.PodCIDR = netip.MustParsePrefix("10.2.0.0/16")
	full.Network.ServiceCIDR = netip.MustParsePrefix("fd00:10::/112")
	full.DNS = cluster.DNS{Zone: "Z0123", BaseDomain: "k8s.example.com"}
	full.SSH = cluster.SSH{KeyName: "ops", PublicKey: sshkeys.MustParsePublicKey(publicKey)}
	for _, seed := range []string{
		specText(full), head + vpc, "", "{}", "a: &a [*a]", "a: &a [x]\nb: &b [*a, *a]\nc: [*b, *b]\n", "? [a]\n: !!map {<<: 1}\n",
		"%YAML 1.1\n---\ncluster: |\n  x\n", "cluster: \"\\x00\\u202e\"\n\tregion: >-\n", "[[[[", "{{{{", "\ufeff---\n...\n---\n", "'", "\"\n\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := cluster.ParseSpec("cluster.yaml", data)
		if err != nil {
			require.Zero(t, s)
			for line := range strings.SplitSeq(err.Error(), "\n") {
				require.Regexp(t, `^cluster\.yaml(:[1-9][0-9]*:[1-9][0-9]*|): \P{C}+$`, line)
			}
			return
		}
		again, err := cluster.ParseSpec("cluster.yaml", []byte(specText(s)))
		require.NoError(t, err)
		require.Equal(t, s, again)
	})
}
