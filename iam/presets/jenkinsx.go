package presets

import (
	"cmp"
	"slices"

	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/iam/action/cloudformationaction"
	"github.com/groundway-sdk/groundway/iam/action/dynamodbaction"
	"github.com/groundway-sdk/groundway/iam/action/ecraction"
	"github.com/groundway-sdk/groundway/iam/action/iamaction"
	"github.com/groundway-sdk/groundway/iam/action/kmsaction"
	"github.com/groundway-sdk/groundway/iam/action/s3action"
)

// JenkinsXBoot runs "jx boot" on an EKS cluster. The zero value is invalid.
type JenkinsXBoot struct {
	Cluster string // "demo"
	// Issuer is the cluster's OpenID Connect issuer. Empty means any of EKS in
	// the region.
	Issuer string
	// Buckets are what the names of the buckets begin with: of long-term storage
	// and of Vault.
	Buckets []string
	// Table is what the name of Vault's table begins with: boot appends a suffix.
	Table string
	// Repositories is what the names of image repositories begin with: "acme/".
	Repositories string
	// VaultUser is a user whose access keys Vault gets. It is for a Vault that
	// cannot use roles for service accounts; empty means that none is touched.
	VaultUser string
	// Boundary is the ARN of the permissions boundary that the roles for service
	// accounts have to have.
	Boundary string
}

func (j JenkinsXBoot) check(scope iam.Scope) error {
	c := in(scope, "jx boot")
	c.text("Cluster", clusterForm, j.Cluster)
	if j.Issuer != "" {
		c.issuer("Issuer", j.Issuer)
	}
	c.list("Buckets", bucketForm, j.Buckets)
	c.text("Table", tableForm, j.Table)
	c.text("Repositories", repoForm, j.Repositories)
	if j.VaultUser != "" {
		c.name("VaultUser", iam.UserName, j.VaultUser)
	}
	if j.Boundary != "" {
		c.arn("Boundary", "policy", j.Boundary)
	}
	return c.err()
}

// Published returns the policy that the page of Jenkins X has for boot.
func (j JenkinsXBoot) Published(scope iam.Scope) (iam.Document, error) {
	if err := j.check(scope); err != nil {
		return iam.Document{}, err
	}
	world := scope.AnyRegion().AnyAccount()
	return iam.NewDocument(
		iam.Allow(
			dynamodbaction.CreateTable, s3action.GetObject, cloudformationaction.ListStacks, cloudformationaction.DescribeStackEvents,
			dynamodbaction.DescribeTable, s3action.CreateBucket, kmsaction.CreateKey, s3action.ListBucket, s3action.PutBucketVersioning,
			cloudformationaction.DescribeStacks,
		).On("*").Sid("VisualEditor0"),
		iam.Allow(slices.Concat(bootRoles, bootPolicies, bootProviders, bootUsers, []iam.Action{
			ecraction.CreateRepository, ecraction.DescribeRepositories, cloudformationaction.CreateStack, cloudformationaction.DeleteStack,
		})...).
			On(arns(world, "iam", "policy/CFN*", "policy/*jenkins-x-vault*", "oidc-provider/*", "role/*addon-iamserviceaccoun*", "user/*")...).
			On(world.ARN("ecr", "repository/*")).
			On(arns(world, "cloudformation", "stack/JenkinsXPolicies*/*", "stack/*addon-iamserviceaccount*/*", "stack/*jenkins-x-vault*/*")...).
			Sid("VisualEditor1"),
		iam.Allow(
			iamaction.CreatePolicy, iamaction.DetachRolePolicy, iamaction.GetPolicy, iamaction.CreateRole, iamaction.AttachRolePolicy,
			iamaction.GetOpenIDConnectProvider, iamaction.CreateOpenIDConnectProvider,
		).On(arns(world, "iam", "oidc-provider/*", "role/*addon-iamserviceaccoun*", "policy/CFN*")...).Sid("VisualEditor2"),
		iam.Allow("eks:*").On(arns(world, "eks", "fargateprofile/*/*/*", "cluster/*", "nodegroup/*/*/*")...).Sid("VisualEditor3"),
	)
}

// The actions of the page, by what they are done to.
var (
	bootRoles     = []iam.Action{iamaction.CreateRole, iamaction.GetRole, iamaction.DeleteRole, iamaction.AttachRolePolicy, iamaction.DetachRolePolicy}
	bootPolicies  = []iam.Action{iamaction.CreatePolicy, iamaction.GetPolicy}
	bootProviders = []iam.Action{iamaction.CreateOpenIDConnectProvider, iamaction.GetOpenIDConnectProvider}
	bootUsers     = []iam.Action{iamaction.AttachUserPolicy, iamaction.CreateAccessKey}
)

// Least returns what boot needs for this cluster. The page asks for all of EKS:
// that is kept, on this cluster alone.
func (j JenkinsXBoot) Least(scope iam.Scope) (iam.Document, error) {
	if err := j.check(scope); err != nil {
		return iam.Document{}, err
	}
	var buckets, objects []string
	for _, b := range j.Buckets {
		buckets = append(buckets, scope.ARN("s3", b+"*"))
		objects = append(objects, scope.ARN("s3", b+"*/*"))
	}
	roles := scope.ARN("iam", "role/eksctl-"+j.Cluster+"-addon-iamserviceaccoun*")
	policies := arns(scope, "iam", "policy/CFN*", "policy/*jenkins-x-vault*")
	stacks := arns(scope, "cloudformation", "stack/JenkinsXPolicies*/*", "stack/eksctl-"+j.Cluster+"-addon-iamserviceaccount*/*", "stack/*jenkins-x-vault*/*")
	provider := scope.ARN("iam", "oidc-provider/oidc.eks."+regionOf(scope)+"."+scope.Partition().DNSSuffix()+"/id/*")
	if j.Issuer != "" {
		provider = providerARN(scope, j.Issuer)
	}
	create := iam.Allow(iamaction.CreateRole).On(roles)
	attach := iam.Allow(iamaction.AttachRolePolicy).On(roles).When(iam.ArnLike("iam:PolicyARN", scope.ARN("iam", "policy/CFN*")))
	if j.Boundary != "" {
		bounded := iam.StringEquals("iam:PermissionsBoundary", j.Boundary)
		create, attach = create.When(bounded), attach.When(bounded)
	}
	statements := []iam.Statement{
		iam.Allow(cloudformationaction.ListStacks, cloudformationaction.DescribeStacks, kmsaction.CreateKey).On("*"),
		iam.Allow(cloudformationaction.CreateStack, cloudformationaction.DeleteStack, cloudformationaction.DescribeStackEvents).On(stacks...),
		iam.Allow(dynamodbaction.CreateTable, dynamodbaction.DescribeTable).On(scope.ARN("dynamodb", "table/"+j.Table+"*")),
		iam.Allow(s3action.CreateBucket, s3action.ListBucket, s3action.PutBucketVersioning).On(buckets...),
		iam.Allow(s3action.GetObject).On(objects...),
		create, attach,
		iam.Allow(iamaction.GetRole, iamaction.DeleteRole, iamaction.DetachRolePolicy).On(roles),
		iam.Allow(bootPolicies...).On(policies...),
		iam.Allow(bootProviders...).On(provider),
		iam.Allow(ecraction.CreateRepository, ecraction.DescribeRepositories).On(scope.ARN("ecr", "repository/"+j.Repositories+"*")),
		iam.Allow("eks:*").On(arns(scope, "eks", "cluster/"+j.Cluster, "nodegroup/"+j.Cluster+"/*/*", "fargateprofile/"+j.Cluster+"/*/*")...),
	}
	if j.VaultUser != "" {
		user := scope.ARN("iam", "user/"+j.VaultUser)
		statements = append(statements,
			iam.Allow(iamaction.CreateAccessKey).On(user),
			iam.Allow(iamaction.AttachUserPolicy).On(user).When(iam.ArnLike("iam:PolicyARN", scope.ARN("iam", "policy/*jenkins-x-vault*"))))
	}
	return iam.NewDocument(statements...)
}

// Provenance says how Least lies to Published.
func (j JenkinsXBoot) Provenance(scope iam.Scope) (Provenance, error) {
	if err := j.check(scope); err != nil {
		return Provenance{}, err
	}
	p := Provenance{
		Source: Source{Name: "Jenkins X on Amazon, IAM Policy for Jenkins X Boot creation", URL: jenkinsXPage, Line: "IAM Policy for Jenkins X Boot creation, VisualEditor0 to VisualEditor3"},
		Dropped: []Drop{
			{Actions: []iam.Action{"eks:*"}, On: []string{scope.ARN("eks", "cluster/other")}, Reason: "The page says that the name of the cluster may stand in place of *, and asks for all of EKS."},
		},
	}
	if j.VaultUser == "" {
		p.Dropped = append(p.Dropped, Drop{Actions: bootUsers, Reason: "Vault can use a role for its service account today, so that no user gets keys. Set VaultUser for one that cannot."})
	} else {
		p.Risks = append(p.Risks,
			Risk{Code: "iam/escalation-access-key", Reason: "Boot makes keys for the user whose keys Vault gets.", Mitigation: "It is one user, by its exact name, which needs no other permissions. Leave VaultUser empty."},
			Risk{Code: "iam/escalation-user-attach", Reason: "Boot attaches a policy that it wrote to that user.", Mitigation: "It is one user, by its exact name: give it a permissions boundary, or leave VaultUser empty.", Unseen: true},
		)
	}
	if j.Boundary == "" {
		p.Risks = append(p.Risks, Risk{
			Code: "iam/escalation-new-role", Reason: "Boot makes the roles of service accounts, and the policies that it attaches to them.",
			Mitigation: "Only roles that eksctl names for service accounts of this cluster can be made, and only policies named CFN* be attached to them. Set Boundary.",
			Unseen:     true,
		})
	}
	return p, nil
}

// JenkinsX is an installation of Jenkins X on EKS: who makes the cluster and runs
// boot, and the service accounts with roles. The zero value is invalid.
type JenkinsX struct {
	Cluster    string
	Federation Federation // by IRSA or by Pod Identity
	// Operators are the ARNs of the users and roles that may assume the role that
	// makes the cluster and runs boot.
	Operators    []string
	RoleName     string   // of that role; empty means CLUSTER-jenkins-x-installer
	HostedZone   string   // of the domain
	Buckets      []string // of long-term storage
	Repositories string   // what the names of image repositories begin with: "acme/"
	Vault        Vault
	// VaultUser and Boundary are as in [JenkinsXBoot].
	VaultUser, Boundary string
}

// Set returns what an installation of Jenkins X needs: the policies of those who
// create the cluster and run boot, with a role for them, and a policy and a role
// for each service account. The policies are named and exported as the page
// describes: CFNTektonBotPolicy is exported as TektonBotPolicy with a suffix.
func (j JenkinsX) Set(scope iam.Scope) (Set, error) {
	c := in(scope, "jenkins x")
	c.one(scope)
	c.text("Cluster", clusterForm, j.Cluster)
	c.people("Operators", j.Operators)
	if len(j.Operators) == 0 {
		c.add("Operators", "there are none: want the ARN of a user or role that makes the cluster")
	}
	if err := c.err(); err != nil {
		return Set{}, err
	}
	zones := []string{j.HostedZone}
	pods, err := ServiceAccounts(scope, j.Federation, []ServiceAccount{
		{Namespace: "cert-manager", Name: "cm-cert-manager", Role: j.Cluster + "-cert-manager", Preset: CertManager{HostedZones: zones}, Policy: "CFNCertManagerPolicy", Export: "CertManagerPolicy"},
		{Namespace: "jx", Name: "exdns-external-dns", Role: j.Cluster + "-external-dns", Preset: ExternalDNS{HostedZones: zones}, Policy: "CFNExternalDNSPolicy", Export: "ExternalDNSPolicy"},
		{Namespace: "jx", Name: "jenkins-x-controllerbuild", Role: j.Cluster + "-controllerbuild", Preset: ControllerBuild{Buckets: j.Buckets}, Policy: "CFNControllerBuildPolicy", Export: "ControllerBuildPolicy"},
		{Namespace: "jx", Name: "tekton-bot", Role: j.Cluster + "-tekton-bot", Preset: TektonBot{Cluster: j.Cluster, Buckets: j.Buckets, Repositories: j.Repositories}, Policy: "CFNTektonBotPolicy", Export: "TektonBotPolicy"},
		{Namespace: "jx", Name: "vault", Role: j.Cluster + "-vault", Preset: j.Vault, Policy: "CFNVaultPolicy", Export: "VaultPolicy"},
	}...)
	if err != nil {
		return Set{}, err
	}
	s := Set{System: "jenkins-x"}
	buckets := slices.Clone(j.Buckets)
	if j.Vault.Bucket != "" {
		buckets = append(buckets, j.Vault.Bucket)
	}
	var names []string
	for _, part := range []struct {
		preset Preset
		policy Policy
	}{
		{EKSCreator{Cluster: j.Cluster, Boundary: j.Boundary}, Policy{Name: "CFNEKSCreatorPolicy", Description: "What eksctl needs for the cluster " + j.Cluster, Phase: Create | Delete}},
		{JenkinsXBoot{
			Cluster: j.Cluster, Issuer: j.Federation.Issuer, Buckets: buckets, Table: j.Vault.Table, Repositories: j.Repositories,
			VaultUser: j.VaultUser, Boundary: j.Boundary,
		}, Policy{Name: "CFNJenkinsXBootPolicy", Description: "What jx boot needs for the cluster " + j.Cluster, Phase: Create}},
	} {
		added, err := s.add(scope, part.preset, part.policy)
		if err != nil {
			return Set{}, err
		}
		names = append(names, added...)
	}
	trust, err := iam.NewTrustDocument(iam.TrustPrincipals(j.Operators...))
	if err != nil {
		return Set{}, err
	}
	s.Roles = append(s.Roles, Role{
		Name: cmp.Or(j.RoleName, j.Cluster+"-jenkins-x-installer"), Description: "Makes the cluster " + j.Cluster + " and runs jx boot",
		Trust: trust, Policies: names,
	})
	s.Policies = append(s.Policies, pods.Policies...)
	s.Roles = append(s.Roles, pods.Roles...)
	s.Providers, s.Associations = pods.Providers, pods.Associations
	if j.VaultUser != "" {
		s.Attachments = []UserAttachment{{User: j.VaultUser, Policies: []string{"CFNVaultPolicy"}}}
	}
	return s.done()
}
