package presets

import (
	"slices"

	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/iam/action/cloudformationaction"
	"github.com/groundway-sdk/groundway/iam/action/ecraction"
	"github.com/groundway-sdk/groundway/iam/action/eksaction"
	"github.com/groundway-sdk/groundway/iam/action/iamaction"
	"github.com/groundway-sdk/groundway/iam/action/s3action"
)

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
