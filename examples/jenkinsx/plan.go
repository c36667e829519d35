package main

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/examples/install"
	"github.com/groundway-sdk/groundway/iam/presets"
	"github.com/groundway-sdk/groundway/identity/jenkinsx"
	"github.com/groundway-sdk/groundway/internal/yamltext"
	"github.com/groundway-sdk/groundway/network"
	"github.com/groundway-sdk/groundway/route53"
)

// plan says all that Jenkins X needs of an account, and makes the files that boot,
// eksctl and kubectl are given.
func plan(ctx context.Context, j *install.Job) error {
	s := j.Spec
	switch {
	case s.Profile != network.ProfileEKS:
		return install.Key("profile", "got %s, want eks", s.Profile)
	case s.JenkinsX.Domain == "":
		return errors.New("the spec has no key jenkinsx, want a mapping with domain, email, issuer, operators and repositories")
	case s.DNS.Zone == "":
		return errors.New("the spec has no key dns, want a mapping with the zone of the parent and its baseDomain")
	case s.Resources.Vault == nil:
		return errors.New("the spec has no key resources.vault, want a mapping with the names of what people made for Vault")
	case s.Resources.Vault.AutoCreate:
		return install.Key("resources.vault.autoCreate", "got true, want false, and the names of what people made for Vault: the policies name it, and boot would make it under names that nobody knows yet")
	case len(s.Resources.Buckets) == 0:
		return errors.New("the spec has no key resources.buckets.existing, want a list of buckets: the first is for logs, reports and artifacts")
	case s.Network.New():
		return install.Key("network.cidr", "got a new VPC, want network.vpc: that of the EKS cluster")
	case !strings.HasSuffix(s.JenkinsX.Domain, "."+s.DNS.BaseDomain):
		return install.Key("jenkinsx.domain", "got %s, want a domain below %s", s.JenkinsX.Domain, s.DNS.BaseDomain)
	}
	advise(j)
	j.Network()
	zone, err := domain(ctx, j)
	if err != nil {
		return err
	}
	set, err := policies(ctx, j, zone)
	if err != nil {
		return err
	}
	if err := requirements(j); err != nil {
		return err
	}
	return accounts(j, set, zone != "")
}

// advise says what is to be done with this spec, where the packages know only of the
// files that it leads to.
func advise(j *install.Job) {
	users := slices.ContainsFunc(j.Spec.JenkinsX.Operators, func(arn string) bool { return strings.Contains(arn, ":user/") })
	if users {
		j.Advise("iam/trust-unconditional", install.Action("Name in jenkinsx.operators, in place of the user, a role that people sign in to with MFA."))
	} else {
		j.Accept(groundway.Waiver{Code: "iam/trust-unconditional", Reason: "The operators of the spec are roles. Who may take one on, and that it takes MFA, is for its own trust policy to say."})
	}
	j.Advise("identity/jenkinsx-tls-staging", install.Action("Set jenkinsx.production: true in the spec once the staging certificates have come."))
	j.Advise("iam/table-not-found", func(was []groundway.Remedy) []groundway.Remedy {
		return append(slices.Clone(was[:1]), groundway.Remedy{Action: "Correct resources.vault.dynamoDBTable or dynamoDBRegion in the spec. This program does not let boot make it."})
	})
}

// domain plans the hosted zone of the cluster and its delegation, and returns the ID
// of the zone, or "" for one that is not there yet.
func domain(ctx context.Context, j *install.Job) (zone string, err error) {
	x := j.Spec.JenkinsX
	name, err := route53.ParseName(x.Domain)
	if err != nil {
		return "", err
	}
	zone, err = j.Subdomain(ctx, name, j.Spec.DNS.Zone)
	if err != nil || zone == "" {
		return "", err
	}
	o, err := route53.Ingress{
		Domain: x.Domain, IgnoreLoadBalancer: true, ExternalDNS: true, NamespaceSubDomain: subdomain,
		TLS: route53.IngressTLS{Enabled: true, Email: x.Email, Production: x.Production},
	}.Options()
	if err != nil {
		return "", err
	}
	o.ZoneID = zone
	j.JudgeZones(o)
	return zone, nil
}

// subdomain stands between the names of services and the domain: hook-jx.DOMAIN.
const subdomain = "-jx."

// policies plans those of the page, with roles for the service accounts.
func policies(ctx context.Context, j *install.Job, zone string) (presets.Set, error) {
	x, v, storage := j.Spec.JenkinsX, j.Spec.Resources.Vault, j.Spec.Resources.Buckets
	p := presets.JenkinsX{
		Cluster: j.Spec.Cluster, Federation: presets.Federation{Issuer: x.Issuer}, Operators: x.Operators,
		HostedZone: cmp.Or(zone, "ZTOBEMADE"), Buckets: storage, Repositories: x.Repositories,
		Vault: presets.Vault{Table: v.DynamoDBTable, KMSKey: v.KMSKeyID, Bucket: v.S3Bucket, Prefix: v.S3Prefix}, VaultUser: v.IAMUserName,
	}
	set, err := p.Set(j.Scope)
	if err != nil {
		return set, err
	}
	waiting := ""
	if zone == "" {
		waiting = j.Waiting("they name the hosted zone of " + x.Domain)
	}
	return set, j.Policies(ctx, set, waiting,
		presets.EKSCreator{Cluster: j.Spec.Cluster},
		presets.JenkinsXBoot{Cluster: j.Spec.Cluster, Issuer: x.Issuer, Buckets: append(slices.Clone(storage), v.S3Bucket), Table: v.DynamoDBTable, Repositories: x.Repositories, VaultUser: v.IAMUserName},
		presets.CertManager{HostedZones: []string{p.HostedZone}}, presets.ExternalDNS{HostedZones: []string{p.HostedZone}},
		presets.ControllerBuild{Buckets: p.Buckets}, presets.TektonBot{Cluster: p.Cluster, Buckets: p.Buckets, Repositories: x.Repositories}, p.Vault,
	)
}

// requirements makes jx-requirements.yml. Boot is to make nothing: this program makes
// what it would.
func requirements(j *install.Job) error {
	const file = "jx-requirements.yml"
	x, region := j.Spec.JenkinsX, j.Spec.Region
	vault := j.Spec.Resources.Vault.VaultAWS
	bucket := jenkinsx.Bucket{Enabled: true, URL: "s3://" + j.Spec.Resources.Buckets[0]}
	want := jenkinsx.Requirements{
		Cluster: jenkinsx.Cluster{
			Provider: "eks", ClusterName: j.Spec.Cluster, Region: region,
			Registry: registry(j, region),
		},
		Terraform: true, SecretStorage: "vault",
		Ingress: jenkinsx.Ingress{
			Domain: x.Domain, ExternalDNS: true, IgnoreLoadBalancer: true, NamespaceSubDomain: subdomain,
			TLS: jenkinsx.TLS{Enabled: true, Email: x.Email, Production: x.Production},
		},
		Storage: jenkinsx.Storage{Logs: bucket, Reports: bucket, Repository: bucket},
		Vault:   jenkinsx.Vault{AWS: &vault},
	}
	// What people added to a file that is there stays, and is judged with it.
	var f jenkinsx.File
	_, err := j.Files.Keep(file, "what jx boot is told", func(data []byte) (err error) {
		if f, err = jenkinsx.Parse(file, data); err != nil {
			return err
		}
		right, err := f.With(want)
		if err == nil && string(right.Bytes()) != string(data) {
			err = errors.New("it says something else than this spec leads to")
		}
		return err
	}, func() (data []byte, err error) {
		f, err = jenkinsx.New(file, want)
		return f.Bytes(), err
	})
	if err != nil {
		return err
	}
	j.Find(jenkinsx.Check(f, jenkinsx.Options{VaultRole: vault.IAMUserName == ""})...)
	return nil
}

// registry is the host of ECR in the account.
func registry(j *install.Job, region string) string {
	host := string(j.Scope.Account()) + ".dkr.ecr." + region + ".amazonaws.com"
	if strings.HasPrefix(region, "cn-") {
		host += ".cn"
	}
	return host
}

// accounts makes the service accounts with the roles that they have, and for boot on
// its own (terraform: false) the template and the list by which it would make them.
func accounts(j *install.Job, set presets.Set, known bool) error {
	labels := map[string]string{"aws-usage": "jenkins-x"}
	type object = map[string]any
	var list []any
	for _, r := range set.Roles {
		if r.ServiceAccount == "" {
			continue
		}
		list = append(list, object{
			"apiVersion": "v1", "kind": "ServiceAccount",
			"metadata": object{
				"name": r.ServiceAccount, "namespace": r.Namespace, "labels": labels,
				"annotations": object{"eks.amazonaws.com/role-arn": j.Scope.ARN("iam", "role"+cmp.Or(r.Path, "/")+r.Name)},
			},
		})
	}
	text, err := yamltext.Encode(nil, list...)
	if err != nil {
		return err
	}
	j.Files.Put("manifests/service-accounts.yaml", "service accounts with their roles", text)
	if !known {
		j.Files.Later("boot/jenkinsx-policies.json", j.Waiting("it names the hosted zone"))
	} else {
		template, err := set.Template(presets.TemplateOptions{})
		if err != nil {
			return err
		}
		j.Files.Put("boot/jenkinsx-policies.json", "the policies as a stack, where boot or a person makes them", template)
	}
	pods := set
	pods.Roles = nil
	for _, r := range set.Roles {
		if r.ServiceAccount != "" {
			pods.Roles = append(pods.Roles, r)
		}
	}
	irsa, err := pods.IRSA(j.Scope, presets.IRSAOptions{Cluster: j.Spec.Cluster, Labels: labels, Exports: true})
	if err != nil {
		return err
	}
	j.Files.Put("boot/irsa.tmpl.yaml", "which service account has which policy of the stack", irsa)
	return nil
}
