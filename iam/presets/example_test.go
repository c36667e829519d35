package presets_test

import (
	"fmt"
	"log"
	"strings"

	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/iam/presets"
)

// What an installation of Tectonic into a VPC that exists needs in IAM.
func ExampleTectonic_Set() {
	scope := iam.MustScope("us-east-1", "111122223333")
	set, err := presets.Tectonic{
		Cluster: "demo", BaseDomain: "k8s.example.com", HostedZone: "Z0123", VPC: "vpc-0a1",
		Bucket: "demo-ncg.k8s.example.com", Operators: []string{"arn:aws:iam::444455556666:user/operator"},
	}.Set(scope)
	if err != nil {
		log.Fatal(err)
	}
	for _, r := range set.Roles {
		fmt.Println(r.Name, r.Policies)
		fmt.Println(r.Trust)
	}
	// Output:
	// tectonic-installer [TectonicInstallerPolicy-1 TectonicInstallerPolicy-2]
	// {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::444455556666:user/operator"},"Action":"sts:AssumeRole"}]}
}

// Why the policy is not the published one.
func ExampleTectonic_Provenance() {
	scope := iam.MustScope("us-east-1", "111122223333")
	p, err := presets.Tectonic{
		Cluster: "demo", BaseDomain: "k8s.example.com", HostedZone: "Z0123", Bucket: "demo-ncg.k8s.example.com",
	}.Provenance(scope)
	if err != nil {
		log.Fatal(err)
	}
	for _, a := range p.Added {
		fmt.Println("+", a.Statements[0].Actions, a.Reason)
	}
	for _, d := range p.Dropped {
		fmt.Println("-", d.Actions, d.Reason)
	}
	// Output:
	// + [kms:CreateKey] The page asks for a KMS key in the region, or for the right to make one, and its policy grants neither.
	// + [iam:CreateServiceLinkedRole] The first group and the first load balancer of an account need roles of their services, which the policy is older than.
	// - [s3:GetBucketReplication] There is no such action: s3:GetReplicationConfiguration, which the policy has too, is what the call needs.
	// - [sts:GetCallerIdentity] AWS answers the call whatever policies say.
	// - [iam:GetUser] The credentials are those of a role, which has no user: Terraform asks sts:GetCallerIdentity then.
	// - [cloudformation:*] The page lists the service, and an installation by Terraform makes no stack.
}

// The roles of an elastic runtime environment are named in its policies, and
// are the same there.
func ExampleElastic_Set() {
	scope := iam.MustScope("us-east-1", "111122223333")
	set, err := presets.Elastic{InstallerRole: "installer", WorkerRole: "worker", VPC: "vpc-0a1", Secrets: "elastic/"}.Set(scope)
	if err != nil {
		log.Fatal(err)
	}
	for _, p := range set.Profiles {
		fmt.Println("profile", p.Name, "holds the role", p.Role)
	}
	for _, p := range set.Policies {
		for _, s := range p.Document.Statements {
			if s.Actions[0] == "iam:PassRole" {
				fmt.Println(p.Name, "passes", strings.Join(s.Resources, " "))
			}
		}
	}
	// Output:
	// profile installer holds the role installer
	// profile worker holds the role worker
	// installer-policy-2 passes arn:aws:iam::111122223333:role/installer arn:aws:iam::111122223333:role/worker
}

// Roles for the pods of two add-ons, by the cluster's issuer.
func ExampleServiceAccounts() {
	scope := iam.MustScope("us-east-1", "111122223333")
	set, err := presets.ServiceAccounts(scope, presets.Federation{Issuer: "https://oidc.eks.us-east-1.amazonaws.com/id/EXAMPLE"},
		presets.ServiceAccount{
			Namespace: "external-dns", Name: "external-dns", Role: "demo-external-dns",
			Preset: presets.ExternalDNS{HostedZones: []string{"Z0123"}},
		},
		presets.ServiceAccount{
			Namespace: "kube-system", Name: "cluster-autoscaler", Role: "demo-cluster-autoscaler",
			Preset: presets.ClusterAutoscaler{Cluster: "demo"},
		})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(set.Providers[0].ARN)
	fmt.Print(set.Policies[0].Document.Indent())
	// Output:
	// arn:aws:iam::111122223333:oidc-provider/oidc.eks.us-east-1.amazonaws.com/id/EXAMPLE
	// {
	//   "Version": "2012-10-17",
	//   "Statement": [
	//     {
	//       "Effect": "Allow",
	//       "Action": "route53:ChangeResourceRecordSets",
	//       "Resource": "arn:aws:route53:::hostedzone/Z0123"
	//     },
	//     {
	//       "Effect": "Allow",
	//       "Action": [
	//         "route53:ListResourceRecordSets",
	//         "route53:ListTagsForResources"
	//       ],
	//       "Resource": "arn:aws:route53:::hostedzone/Z0123"
	//     },
	//     {
	//       "Effect": "Allow",
	//       "Action": "route53:ListHostedZones",
	//       "Resource": "*"
	//     }
	//   ]
	// }
}

// The configuration by which jx boot has eksctl make the roles: the ARNs come
// from the exports of the stack.
func ExampleSet_IRSA() {
	scope := iam.MustScope("us-east-1", "111122223333")
	set, err := presets.ServiceAccounts(scope, presets.Federation{Issuer: "https://oidc.eks.us-east-1.amazonaws.com/id/EXAMPLE"},
		presets.ServiceAccount{
			Namespace: "jx", Name: "tekton-bot", Role: "demo-tekton-bot", Policy: "CFNTektonBotPolicy", Export: "TektonBotPolicy",
			Preset: presets.TektonBot{Cluster: "demo", Buckets: []string{"demo-logs"}, Repositories: "acme/"},
		})
	if err != nil {
		log.Fatal(err)
	}
	text, err := set.IRSA(scope, presets.IRSAOptions{Cluster: "demo", Labels: map[string]string{"aws-usage": "jenkins-x"}, Exports: true})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(string(text))
	// Output:
	// apiVersion: eksctl.io/v1alpha5
	// kind: ClusterConfig
	// metadata:
	//   name: "demo"
	//   region: "us-east-1"
	// iam:
	//   withOIDC: true
	//   serviceAccounts:
	// {{- if .IAM.TektonBotPolicy }}
	//   - metadata:
	//       name: "tekton-bot"
	//       namespace: "jx"
	//       labels: {"aws-usage": "jenkins-x"}
	//     attachPolicyARNs:
	//     - {{.IAM.TektonBotPolicy | quote}}
	// {{- end }}
}

// Whether the policies of a user suffice for Vault.
func ExampleVault_Least() {
	scope := iam.MustScope("us-east-1", "111122223333")
	vault := presets.Vault{Table: "vault-data", KMSKey: "1234abcd-12ab-34cd-56ef-1234567890ab"}
	attached, err := vault.Published(scope)
	if err != nil {
		log.Fatal(err)
	}
	least, err := vault.Least(scope)
	if err != nil {
		log.Fatal(err)
	}
	lacks, err := iam.Missing([]iam.Document{attached}, []iam.Document{least}, iam.CompareOptions{})
	if err != nil {
		log.Fatal(err)
	}
	for _, l := range lacks {
		fmt.Println(l.Action, "on", l.Resource)
	}
	// Output:
	// kms:DescribeKey on arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab
}

func ExampleShortName() {
	fmt.Println(presets.ShortName("a-cluster-with-a-long-name-aws-load-balancer-controller", 40))
	// Output:
	// a-cluster-with-a-long-name-aws-ba0de0ce
}
