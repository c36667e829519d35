package presets

import (
	"cmp"
	"slices"
	"strings"

	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/iam/action/cloudformationaction"
	"github.com/groundway-sdk/groundway/iam/action/dynamodbaction"
	"github.com/groundway-sdk/groundway/iam/action/ecraction"
	"github.com/groundway-sdk/groundway/iam/action/eksaction"
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
	provider := scope.ARN("iam", "oidc-provider/oidc.eks."+regionOf(scope)+".amazonaws.com/id/*")
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

// issuer checks the URL of an OpenID Connect issuer, as IAM takes it.
//
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateOpenIDConnectProvider.html
func (c *checker) issuer(field, url string) {
	host, ok := strings.CutPrefix(url, "https://")
	switch {
	case url == "":
		c.add(field, "it is empty: want the URL of the cluster's issuer")
		return
	case !ok:
		c.add(field, "issuer %q: want it to begin with https://", shown(url))
		return
	case host == "" || strings.HasSuffix(host, "/"):
		c.add(field, "issuer %q: want it without a slash at the end", shown(url))
		return
	case len(url) > 255:
		c.add(field, "issuer %q: %d characters, want at most 255", shown(url), len(url))
		return
	}
	for _, r := range host {
		if r <= ' ' || r > '~' || strings.ContainsRune(`*?$#"\'<>@:`, r) {
			c.add(field, "issuer %q: it may not hold %q", shown(url), r)
			return
		}
	}
}

// list checks a list of at least one.
func (c *checker) list(field string, f form, values []string) {
	if len(values) == 0 {
		c.add(field, "it is empty: want a %s", f.what)
	}
	for _, v := range values {
		c.text(field, f, v)
	}
}

// providerARN returns the ARN of the provider of an issuer.
func providerARN(scope iam.Scope, issuer string) string {
	return scope.ARN("iam", "oidc-provider/"+strings.TrimPrefix(issuer, "https://"))
}

// TektonBot is the service account of the pipelines of Jenkins X. The zero value
// is invalid.
type TektonBot struct {
	Cluster      string
	Buckets      []string // of long-term storage, by their exact names
	Repositories string   // what the names of image repositories begin with: "acme/"
}

const jenkinsXModule = "https://github.com/jenkins-x/terraform-aws-eks-jx/blob/main/modules/cluster/irsa.tf"

func (t TektonBot) check(scope iam.Scope) error {
	c := in(scope, "tekton bot")
	c.text("Cluster", clusterForm, t.Cluster)
	c.list("Buckets", bucketForm, t.Buckets)
	c.text("Repositories", repoForm, t.Repositories)
	return c.err()
}

var (
	tektonBoot = []iam.Action{
		cloudformationaction.ListStacks, cloudformationaction.DescribeStacks, cloudformationaction.CreateStack, cloudformationaction.DeleteStack,
		iamaction.DetachRolePolicy, iamaction.GetPolicy, iamaction.CreatePolicy, iamaction.DeleteRole, iamaction.GetOpenIDConnectProvider,
	}
	tektonImages = []iam.Action{
		ecraction.BatchCheckLayerAvailability, ecraction.BatchGetImage, ecraction.GetDownloadUrlForLayer, ecraction.InitiateLayerUpload,
		ecraction.UploadLayerPart, ecraction.CompleteLayerUpload, ecraction.PutImage, ecraction.CreateRepository, ecraction.DescribeRepositories,
	}
)

// Published returns the policy of the Terraform module of Jenkins X.
func (t TektonBot) Published(scope iam.Scope) (iam.Document, error) {
	if err := t.check(scope); err != nil {
		return iam.Document{}, err
	}
	return iam.NewDocument(iam.Allow(append(slices.Clone(tektonBoot), "eks:*", "s3:*", "ecr:*")...).On("*"))
}

// Least returns what pipelines need that build images and store logs.
func (t TektonBot) Least(scope iam.Scope) (iam.Document, error) {
	if err := t.check(scope); err != nil {
		return iam.Document{}, err
	}
	return iam.NewDocument(slices.Concat([]iam.Statement{
		iam.Allow(ecraction.GetAuthorizationToken).On("*"),
		iam.Allow(tektonImages...).On(scope.ARN("ecr", "repository/"+t.Repositories+"*")),
		iam.Allow(eksaction.DescribeCluster).On(scope.ARN("eks", "cluster/"+t.Cluster)),
	}, storage(scope, t.Buckets))...)
}

// storage reads and writes the objects of buckets.
func storage(scope iam.Scope, buckets []string) []iam.Statement {
	var names, objects []string
	for _, b := range buckets {
		names = append(names, scope.ARN("s3", b))
		objects = append(objects, scope.ARN("s3", b+"/*"))
	}
	return []iam.Statement{
		iam.Allow(s3action.ListBucket, s3action.GetBucketLocation).On(names...),
		iam.Allow(s3action.GetObject, s3action.PutObject).On(objects...),
	}
}

// Provenance says how Least lies to Published.
func (t TektonBot) Provenance(scope iam.Scope) (Provenance, error) {
	if err := t.check(scope); err != nil {
		return Provenance{}, err
	}
	return Provenance{
		Source: Source{Name: "Jenkins X, module for EKS, tekton-bot", URL: jenkinsXModule, Line: "data aws_iam_policy_document tekton-bot-policy"},
		Dropped: []Drop{
			{Actions: tektonBoot, Reason: "They are for boot. Where a pipeline runs it, attach the policy of JenkinsXBoot too."},
			{Actions: []iam.Action{"eks:*"}, Reason: "A pipeline looks at its cluster. Where it runs boot, attach the policy of JenkinsXBoot too."},
			{Actions: []iam.Action{"s3:*"}, Reason: "A pipeline lists, reads and writes the objects of long-term storage."},
			{Actions: []iam.Action{"ecr:*"}, Reason: "A pipeline pulls and pushes images, and makes a repository where there is none."},
		},
	}, nil
}

// ControllerBuild stores the logs of builds in long-term storage. The zero value
// is invalid.
type ControllerBuild struct {
	Buckets []string // of long-term storage, by their exact names
}

func (b ControllerBuild) check(scope iam.Scope) error {
	c := in(scope, "controller build")
	c.list("Buckets", bucketForm, b.Buckets)
	return c.err()
}

// Published returns AWS's policy AmazonS3FullAccess, which the page attaches.
func (b ControllerBuild) Published(scope iam.Scope) (iam.Document, error) {
	if err := b.check(scope); err != nil {
		return iam.Document{}, err
	}
	return iam.NewDocument(iam.Allow("s3:*", "s3-object-lambda:*").On("*"))
}

// Least returns what it needs of the buckets.
func (b ControllerBuild) Least(scope iam.Scope) (iam.Document, error) {
	if err := b.check(scope); err != nil {
		return iam.Document{}, err
	}
	return iam.NewDocument(storage(scope, b.Buckets)...)
}

// Provenance says how Least lies to Published.
func (b ControllerBuild) Provenance(scope iam.Scope) (Provenance, error) {
	if err := b.check(scope); err != nil {
		return Provenance{}, err
	}
	return Provenance{
		Source: Source{Name: "Jenkins X on Amazon, service accounts with policies that exist", URL: jenkinsXPage, Line: "attachPolicyARNs of jenkins-x-controllerbuild"},
		Dropped: []Drop{
			{Actions: []iam.Action{"s3:*"}, Reason: "It lists, reads and writes the objects of long-term storage."},
			{Actions: []iam.Action{"s3-object-lambda:*"}, Reason: "It uses no functions between it and its objects."},
		},
	}, nil
}

// Vault stores its secrets in a table of DynamoDB and, where it has one, a
// bucket, and opens its seal with a key. The zero value is invalid.
type Vault struct {
	Table  string // "vault-data"
	KMSKey string // the id of the key of the seal
	Bucket string // of Amazon S3; empty means none
	Prefix string // of the objects in the bucket, with its slash: "vault/"; empty means all
}

func (v Vault) check(scope iam.Scope) error {
	c := in(scope, "vault")
	c.text("Table", tableForm, v.Table)
	c.text("KMSKey", keyForm, v.KMSKey)
	c.optional("Bucket", bucketForm, v.Bucket)
	c.optional("Prefix", objectForm, v.Prefix)
	if v.Bucket == "" && v.Prefix != "" {
		c.add("Prefix", "there is no Bucket")
	}
	return c.err()
}

var (
	vaultTable = []iam.Action{
		dynamodbaction.DescribeTable, dynamodbaction.DescribeTimeToLive, dynamodbaction.ListTagsOfResource,
		dynamodbaction.BatchGetItem, dynamodbaction.BatchWriteItem, dynamodbaction.DeleteItem, dynamodbaction.GetItem,
		dynamodbaction.PutItem, dynamodbaction.Query, dynamodbaction.UpdateItem, dynamodbaction.Scan,
	}
	vaultDead = []iam.Action{
		dynamodbaction.DescribeLimits, dynamodbaction.DescribeReservedCapacity, dynamodbaction.DescribeReservedCapacityOfferings,
		dynamodbaction.ListTables, dynamodbaction.GetRecords,
	}
)

// Published returns the policy of the template by which Jenkins X makes what
// Vault needs: 17 actions on the table, and those on the bucket and the key.
func (v Vault) Published(scope iam.Scope) (iam.Document, error) {
	if err := v.check(scope); err != nil {
		return iam.Document{}, err
	}
	statements := []iam.Statement{
		iam.Allow(slices.Concat(vaultTable, vaultDead, []iam.Action{dynamodbaction.CreateTable})...).On(scope.ARN("dynamodb", "table/"+v.Table)),
		iam.Allow(kmsaction.Encrypt, kmsaction.Decrypt).On(scope.ARN("kms", "key/"+v.KMSKey)),
	}
	if v.Bucket != "" {
		statements = append(statements,
			iam.Allow(s3action.GetObject, s3action.PutObject).On(scope.ARN("s3", v.Bucket+"/*")),
			iam.Allow(s3action.ListBucket).On(scope.ARN("s3", v.Bucket)))
	}
	return iam.NewDocument(statements...)
}

// Least returns what Vault needs of a table, a key and a bucket that exist.
func (v Vault) Least(scope iam.Scope) (iam.Document, error) {
	if err := v.check(scope); err != nil {
		return iam.Document{}, err
	}
	statements := []iam.Statement{
		iam.Allow(vaultTable...).On(scope.ARN("dynamodb", "table/"+v.Table)),
		iam.Allow(kmsaction.Encrypt, kmsaction.Decrypt).On(scope.ARN("kms", "key/"+v.KMSKey)),
	}
	if v.Bucket != "" {
		list := iam.Allow(s3action.ListBucket).On(scope.ARN("s3", v.Bucket))
		if v.Prefix != "" {
			list = list.When(iam.StringLike("s3:prefix", v.Prefix+"*"))
		}
		statements = append(statements, list, iam.Allow(s3action.GetObject, s3action.PutObject).On(scope.ARN("s3", v.Bucket+"/"+v.Prefix+"*")))
	}
	for _, a := range v.additions(scope) {
		statements = append(statements, a.Statements...)
	}
	return iam.NewDocument(statements...)
}

func (v Vault) additions(scope iam.Scope) []Addition {
	return []Addition{{
		Statements: []iam.Statement{iam.Allow(kmsaction.DescribeKey).On(scope.ARN("kms", "key/"+v.KMSKey))},
		Reason:     "The seal looks at its key when Vault starts, and Vault does not start without.",
		URL:        "https://developer.hashicorp.com/vault/docs/configuration/seal/awskms",
	}}
}

// Provenance says how Least lies to Published.
func (v Vault) Provenance(scope iam.Scope) (Provenance, error) {
	if err := v.check(scope); err != nil {
		return Provenance{}, err
	}
	return Provenance{
		Source: Source{
			Name: "Jenkins X, vault_cf_tmpl.yml", URL: "https://github.com/jenkins-x/jenkins-x-boot-config/blob/master/kubeProviders/eks/templates/vault_cf_tmpl.yml",
			Line: "the policy of the Vault user",
		},
		Added: v.additions(scope),
		Dropped: []Drop{
			{Actions: vaultDead, Reason: "They take no table, so that on one they never applied; dynamodb:GetRecords is for streams, which Vault does not read."},
			{Actions: []iam.Action{dynamodbaction.CreateTable}, Reason: "The table exists before Vault starts: boot makes it, or people did."},
		},
	}, nil
}

// JenkinsX is an installation of Jenkins X on EKS: who makes the cluster and runs
// boot, and the service accounts with roles. The zero value is invalid.
type JenkinsX struct {
	Cluster    string
	Federation Federation // by IRSA or by Pod Identity
	// Operators are the ARNs of the users that may assume the role that makes the
	// cluster and runs boot.
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
	c.text("Cluster", clusterForm, j.Cluster)
	for _, o := range j.Operators {
		c.arn("Operators", "user", o)
	}
	if len(j.Operators) == 0 {
		c.add("Operators", "there are none: want the ARN of a user that makes the cluster")
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
