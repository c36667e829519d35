package oidc

import (
	"fmt"

	"github.com/groundway-sdk/groundway/iam"
)

// An Association has EKS give the pods of a service account a role, by its agent
// on every node. It needs no issuer of one's own, and works on EKS alone.
//
// https://docs.aws.amazon.com/eks/latest/userguide/pod-identities.html
type Association struct {
	Cluster        string `json:"cluster"` // the cluster's ARN
	Namespace      string `json:"namespace"`
	ServiceAccount string `json:"serviceAccount"`
	Role           string `json:"role"` // the role's ARN, in the account of the cluster
	// TargetRole is a role of another account that the pods end up with; empty is
	// none.
	TargetRole string `json:"targetRole,omitempty"`
	// NoSessionTags says that EKS sets no session tags.
	NoSessionTags bool `json:"noSessionTags,omitempty"`
}

// Key returns NAMESPACE/NAME, which has one association in a cluster.
func (a Association) Key() string { return a.Namespace + "/" + a.ServiceAccount }

const (
	tagPrefix         = "aws:RequestTag/"
	tagNamespace      = tagPrefix + "kubernetes-namespace"
	tagServiceAccount = tagPrefix + "kubernetes-service-account"
)

// DecidePodIdentity says whether the trust policy of an association's role lets
// EKS give it to the pods, without asking: it has to allow both sts:AssumeRole and
// sts:TagSession. Of the session tags those of the pod itself are not known
// beforehand, so that a policy that asks for them leaves the decision open.
//
// https://docs.aws.amazon.com/eks/latest/userguide/pod-id-abac.html
func DecidePodIdentity(a Association, role Role) (Decision, error) {
	cluster, err := iam.ParseARN(a.Cluster)
	if err != nil || cluster.Service != "eks" || cluster.ResourceType() != "cluster" || cluster.ResourceName() == "" {
		return Decision{}, fmt.Errorf("decide: the cluster %s: want arn:PARTITION:eks:REGION:ACCOUNT:cluster/NAME", quote(a.Cluster))
	}
	authorizer, err := iam.Compile(iam.Policies{Resource: role.Trust})
	if err != nil {
		return Decision{}, fmt.Errorf("decide: the trust policy: %w", err)
	}
	c := iam.Context{
		"sts:ExternalId": nil, "aws:MultiFactorAuthPresent": nil,
		"aws:SourceAccount": {string(cluster.Account)}, "aws:SourceArn": {a.Cluster},
	}
	for key, value := range map[string]string{
		tagPrefix + "eks-cluster-arn": a.Cluster, tagPrefix + "eks-cluster-name": cluster.ResourceName(),
		tagNamespace: a.Namespace, tagServiceAccount: a.ServiceAccount,
	} {
		c[key] = nil
		if !a.NoSessionTags {
			c[key] = []string{value}
		}
	}
	if a.NoSessionTags {
		c[tagPrefix+"kubernetes-pod-name"], c[tagPrefix+"kubernetes-pod-uid"] = nil, nil
	}
	var last Decision
	for _, action := range []iam.Action{"sts:AssumeRole", "sts:TagSession"} {
		x, err := authorizer.Explain(iam.Request{
			Principal: "pods.eks.amazonaws.com", Action: action, Resource: role.ARN, Context: c, Partial: true,
		})
		if err != nil {
			return Decision{}, fmt.Errorf("decide: the role %s: %w", quote(role.ARN), err)
		}
		last = explained(Token{}, x, action, "")
		if !last.Allowed() {
			return last, nil
		}
	}
	return last, nil
}
