package presets

import (
	"cmp"
	"strings"

	"github.com/groundway-sdk/groundway/iam"
)

// A Federation is how the pods of a cluster get roles. Exactly one of the two is
// set.
type Federation struct {
	// Issuer is the cluster's OpenID Connect issuer, for IAM roles for service
	// accounts (IRSA): "https://oidc.eks.us-east-1.amazonaws.com/id/EXAMPLE". Any
	// cluster may have one.
	Issuer string
	// PodIdentity is the name of an EKS cluster with the Pod Identity agent.
	PodIdentity string
}

// A ServiceAccount is a service account of Kubernetes whose pods get a role.
type ServiceAccount struct {
	Namespace, Name string
	Role            string // the name of the role
	Preset          Preset // what the role may do
	Policy          string // the name of its policy; empty means ROLE-policy
	Export          string // as in [Policy]
	Boundary        string // as in [Role]
}

// ServiceAccounts returns a policy and a role for each service account. A role
// trusts one service account, by its exact name: with IRSA the audience and the
// subject of its token are pinned, with Pod Identity the cluster, the namespace,
// the service account and the account.
func ServiceAccounts(scope iam.Scope, f Federation, accounts ...ServiceAccount) (Set, error) {
	s := Set{System: "service-accounts"}
	c := in(scope, "service accounts")
	c.one(scope)
	switch {
	case f.Issuer != "" && f.PodIdentity != "":
		c.add("PodIdentity", "it contradicts Issuer: want one of the two")
	case f.PodIdentity != "":
		c.text("PodIdentity", clusterForm, f.PodIdentity)
	default:
		c.issuer("Issuer", f.Issuer)
	}
	for _, a := range accounts {
		c.text("Namespace", accountForm, a.Namespace)
		c.text("Name", accountForm, a.Name)
		c.name("Role", iam.RoleName, a.Role)
		if a.Preset == nil {
			c.add("Preset", "the role %q has none", a.Role)
		}
		if a.Boundary != "" {
			c.arn("Boundary", "policy", a.Boundary)
		}
	}
	if err := c.err(); err != nil {
		return Set{}, err
	}
	if f.Issuer != "" && len(accounts) > 0 {
		s.Providers = []Provider{{URL: f.Issuer, ARN: providerARN(scope, f.Issuer), Audiences: []string{iam.WebIdentityAudience}}}
	}
	for _, a := range accounts {
		what := "The pods of the service account " + a.Namespace + "/" + a.Name
		names, err := s.add(scope, a.Preset, Policy{Name: cmp.Or(a.Policy, a.Role+"-policy"), Description: what, Phase: Run, Export: a.Export})
		if err != nil {
			return Set{}, err
		}
		trust, err := f.trust(scope, a)
		if err != nil {
			return Set{}, err
		}
		s.Roles = append(s.Roles, Role{
			Name: a.Role, Description: what, Trust: trust, Policies: names, Boundary: a.Boundary, Namespace: a.Namespace, ServiceAccount: a.Name,
		})
		if f.PodIdentity != "" {
			s.Associations = append(s.Associations, Association{Cluster: f.PodIdentity, Namespace: a.Namespace, ServiceAccount: a.Name, Role: a.Role})
		}
	}
	return s.done()
}

func (f Federation) trust(scope iam.Scope, a ServiceAccount) (iam.Document, error) {
	if f.PodIdentity != "" {
		return iam.NewTrustDocument(iam.TrustPodIdentity(scope.ARN("eks", "cluster/"+f.PodIdentity), a.Namespace, a.Name).SourceAccount(scope.Account()))
	}
	return iam.NewTrustDocument(iam.TrustServiceAccount(providerARN(scope, f.Issuer), a.Namespace, a.Name))
}

// providerARN returns the ARN of the provider of an issuer.
func providerARN(scope iam.Scope, issuer string) string {
	return scope.ARN("iam", "oidc-provider/"+strings.TrimPrefix(issuer, "https://"))
}
