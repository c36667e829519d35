// Package presets holds the IAM policies, roles and trust documents of real
// installers and cluster add-ons: what their documentation grants, and what they
// need, with the proof that the one lies within the other.
//
// # Which function
//
// One call gives all that a system needs: policies, roles, trust documents,
// instance profiles, and the OpenID Connect providers that have to exist.
//
//	set, err := presets.Tectonic{Cluster: "demo", …}.Set(scope)
//	set, err := presets.Elastic{InstallerRole: "installer", …}.Set(scope)
//	set, err := presets.JenkinsX{Cluster: "demo", …}.Set(scope)
//	set, err := presets.ServiceAccounts(scope, presets.Federation{Issuer: issuer}, accounts...)
//
// [Set.Desired] is what [iam.Plan] takes, which package iam/awsiam applies;
// [Set.Files] renders the set as JSON files, [Set.Template] as a CloudFormation
// template, [Set.IRSA] as a configuration of eksctl, and [Set.In] keeps what a
// phase needs. The policies by themselves are [Preset.Least]; whether those of a
// user suffice, [iam.Missing] says:
//
//	least, err := presets.EKSCreator{Cluster: "demo"}.Least(scope)
//	lacks, err := iam.Missing(attached, []iam.Document{least}, iam.CompareOptions{})
//
// # Where the policies come from
//
//	system                    preset                  source, and where in it
//	Tectonic                  Tectonic                aws-policy.json; AWS: Installation requirements
//	                          Tectonic.Trust          aws-sts-trust-policy.json; step 5 of temporary credentials
//	elastic runtime           ElasticInstaller        Setting up the AWS environment, step 2, VisualEditor0 to 22
//	                          ElasticWorker           step 4, DescribeActions to SecretsManagerAccess
//	Jenkins X on EKS          EKSCreator              Using Boot on Amazon, IAM Policy for cluster creation
//	                          JenkinsXBoot            IAM Policy for Jenkins X Boot creation, VisualEditor0 to 3
//	                          Vault                   vault_cf_tmpl.yml, the policy of the Vault user
//	                          TektonBot               terraform-aws-eks-jx, tekton-bot-policy
//	                          ControllerBuild         attachPolicyARNs of jenkins-x-controllerbuild
//	add-ons                   ExternalDNS             external-dns on AWS, IAM Policy
//	                          CertManager             DNS01 with Route53, Set up an IAM Policy
//	                          ClusterAutoscaler       Full Cluster Autoscaler Features Policy
//	                          LoadBalancerController  iam_policy.json of version 3.5
//	                          EBSCSI                  AmazonEBSCSIDriverPolicyV2
//	                          VPCCNI                  Generic IAM policies, IPv4 and IPv6 mode
//
// [Preset.Provenance] has the addresses, and says of each preset what was added
// and where that is documented, what was dropped and why, and which risks remain
// with what bounds them.
//
// # What is least
//
// Resources are named where their names are known, and else bounded by type,
// region and account, by the VPC, or by the tag of the cluster. Tags are asked
// for only where the program is known to send them: Terraform in the days of
// Tectonic did not, and a condition on them would have stopped it. What is wider
// has a field of its own: [Elastic.AnySecret], [JenkinsXBoot.VaultUser].
//
// Documents over the 6,144 characters of a managed policy become several. No
// name is shortened unless [ShortName] is asked to.
//
// # What this package does not do
//
// It calls no AWS: package iam/awsiam puts a set in place. It has no policies for
// nodes of EKS, which AWS manages itself, nor for the nodes of Tectonic, which
// the installer makes. That a program needs no more than its source says is taken
// from its source and its code, and not from recorded calls.
//
// Sizes and names are those of
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html.
package presets
