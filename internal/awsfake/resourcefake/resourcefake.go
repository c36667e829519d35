// Package resourcefake answers for all services that iam/awsresource asks, from a
// [resource.Snapshot].
//
// What is unseen is denied, and so is a name that a part does not hold where it is
// partial; of a part that is complete AWS knows nothing more. So a snapshot with gaps
// is loaded as it was.
package resourcefake

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/iam/resource"
	"github.com/groundway-sdk/groundway/internal/awsfake"
)

// New returns the services for this snapshot. It holds digests of access keys; of
// those whose IDs are given the IDs are shown, and of others the digest.
func New(s resource.Snapshot, accessKeyIDs ...string) []awsfake.Service {
	f := &fake{s, map[string]string{}}
	for _, id := range accessKeyIDs {
		f.ids[resource.KeyDigest(id)] = id
	}
	return []awsfake.Service{
		f.iam(), f.ec2(), f.dynamodb(), f.kms(), f.s3(), f.secrets(), f.ecr(), f.cloudformation(), f.efs(),
	}
}

// Join returns services with the operations of others: where both have one of a name,
// it has the operations of both, and the first one's where both have that.
func Join(services []awsfake.Service, more ...awsfake.Service) []awsfake.Service {
	list := slices.Clone(services)
	for _, m := range more {
		i := slices.IndexFunc(list, func(s awsfake.Service) bool { return s.Name == m.Name })
		if i < 0 {
			list = append(list, m)
			continue
		}
		operations := map[string]awsfake.Operation{}
		for name, op := range m.Operations {
			operations[name] = op
		}
		for name, op := range list[i].Operations {
			operations[name] = op
		}
		list[i].Operations = operations
	}
	return list
}

type fake struct {
	resource.Snapshot
	ids map[string]string // of access keys, by digest
}

// Errors in the forms of the protocols.
func deny(code string) error {
	return &awsfake.Error{Status: http.StatusForbidden, Code: code, Message: "You may not."}
}

func missing(code, name string) error {
	return &awsfake.Error{Status: http.StatusNotFound, Code: code, Message: name + " does not exist"}
}

// codes are those of one service.
type codes struct{ denied, missing string }

// find returns the item of a part that a name names, or the error of the service.
func find[T groundway.Keyed](p groundway.Part[T], name string, names func(T, string) bool, presence func(T) resource.Presence, c codes) (T, error) {
	var none T
	i := slices.IndexFunc(p.Items, func(item T) bool { return names(item, name) })
	switch {
	case i < 0 && p.Complete():
		return none, missing(c.missing, name)
	case i < 0:
		return none, deny(c.denied)
	case presence(p.Items[i]) == resource.Absent:
		return none, missing(c.missing, name)
	case presence(p.Items[i]) == resource.Forbidden:
		return none, deny(c.denied)
	}
	return p.Items[i], nil
}

func byKey[T groundway.Keyed](item T, name string) bool { return item.Key() == name }

// page returns the items of a part that stand on a page, and the token of the next.
func page[T any](r awsfake.Request, p groundway.Part[T], token, denied string) (items []T, next string, err error) {
	if !p.Complete() {
		return nil, "", deny(denied)
	}
	start, end, next, err := r.Page(token, 0, len(p.Items))
	if err != nil {
		return nil, "", err
	}
	return p.Items[start:end], next, nil
}

// members is a list of the query protocol, whose element is there when it is empty.
type members[T any] struct {
	Member []T `xml:"member"`
}

func list[S, T any](items []S, convert func(S) T) members[T] {
	var m members[T]
	for _, item := range items {
		m.Member = append(m.Member, convert(item))
	}
	return m
}

var ofIAM = codes{"AccessDenied", "NoSuchEntity"}

type policy struct{ PolicyName, PolicyArn string }

func policyOf(p resource.AttachedPolicy) policy { return policy{p.Name, p.ARN} }

type iamPage struct {
	IsTruncated bool
	Marker      string `xml:",omitempty"`
}

type roleName struct{ RoleName string }

func (f *fake) iam() awsfake.Service {
	user := func(r awsfake.Request) (resource.User, error) {
		return find(f.Users, r.Params.Get("UserName"), byKey[resource.User], func(u resource.User) resource.Presence { return u.Presence }, ofIAM)
	}
	role := func(r awsfake.Request) (resource.Role, error) {
		return find(f.Roles, r.Params.Get("RoleName"), byKey[resource.Role], func(v resource.Role) resource.Presence { return v.Presence }, ofIAM)
	}
	policies := func(r awsfake.Request, p groundway.Part[resource.AttachedPolicy]) (any, error) {
		items, next, err := page(r, p, r.Params.Get("Marker"), ofIAM.denied)
		return struct {
			AttachedPolicies members[policy]
			iamPage
		}{list(items, policyOf), iamPage{next != "", next}}, err
	}
	return awsfake.Service{
		Name: "iam", Protocol: awsfake.Query, Namespace: "https://iam.amazonaws.com/doc/2010-05-08/",
		Operations: map[string]awsfake.Operation{
			"GetUser": func(r awsfake.Request) (any, error) {
				u, err := user(r)
				return struct {
					User struct{ UserName, Arn string }
				}{struct{ UserName, Arn string }{u.Name, u.ARN}}, err
			},
			"ListAccessKeys": func(r awsfake.Request) (any, error) {
				u, err := user(r)
				if err != nil {
					return nil, err
				}
				items, next, err := page(r, u.AccessKeys, r.Params.Get("Marker"), ofIAM.denied)
				type key struct{ UserName, AccessKeyId, Status string } //nolint:revive // as IAM spells it
				return struct {
					AccessKeyMetadata members[key]
					iamPage
				}{list(items, func(k resource.AccessKey) key { return key{u.Name, cmp.Or(f.ids[k.Digest], k.Digest), k.Status} }), iamPage{next != "", next}}, err
			},
			"ListAttachedUserPolicies": func(r awsfake.Request) (any, error) {
				u, err := user(r)
				if err != nil {
					return nil, err
				}
				return policies(r, u.Policies)
			},
			"GetRole": func(r awsfake.Request) (any, error) {
				v, err := role(r)
				type body struct{ RoleName, Arn, AssumeRolePolicyDocument string }
				return struct{ Role body }{body{v.Name, v.ARN, url.PathEscape(v.Trust)}}, err
			},
			"ListAttachedRolePolicies": func(r awsfake.Request) (any, error) {
				v, err := role(r)
				if err != nil {
					return nil, err
				}
				return policies(r, v.Policies)
			},
			"ListRolePolicies": func(r awsfake.Request) (any, error) {
				v, err := role(r)
				if err != nil {
					return nil, err
				}
				items, next, err := page(r, v.Inline, r.Params.Get("Marker"), ofIAM.denied)
				return struct {
					PolicyNames members[string]
					iamPage
				}{list(items, func(p resource.InlinePolicy) string { return p.Name }), iamPage{next != "", next}}, err
			},
			"ListInstanceProfiles": func(r awsfake.Request) (any, error) {
				items, next, err := page(r, f.Profiles, r.Params.Get("Marker"), ofIAM.denied)
				type profile struct {
					InstanceProfileName, Arn string
					Roles                    members[roleName]
				}
				return struct {
					InstanceProfiles members[profile]
					iamPage
				}{list(items, func(p resource.InstanceProfile) profile {
					return profile{p.Name, p.ARN, list(p.Roles, func(name string) roleName { return roleName{name} })}
				}), iamPage{next != "", next}}, err
			},
		},
	}
}

type ec2Tag struct {
	Key   string `xml:"key"`
	Value string `xml:"value"`
}

type ec2Instance struct {
	ID      string   `xml:"instanceId"`
	State   string   `xml:"instanceState>name"`
	VPC     string   `xml:"vpcId,omitempty"`
	Subnet  string   `xml:"subnetId,omitempty"`
	Address string   `xml:"ipAddress,omitempty"`
	Profile string   `xml:"iamInstanceProfile>arn,omitempty"`
	KeyName string   `xml:"keyName,omitempty"`
	Tags    []ec2Tag `xml:"tagSet>item"`
}

func (f *fake) ec2() awsfake.Service {
	return awsfake.Service{
		Name: "ec2", Protocol: awsfake.EC2Query, Namespace: "http://ec2.amazonaws.com/doc/2016-11-15/",
		Operations: map[string]awsfake.Operation{"DescribeInstances": func(r awsfake.Request) (any, error) {
			p := f.Instances
			wanted, filtered := r.Filters()["instance-id"]
			p.Items = slices.DeleteFunc(slices.Clone(p.Items), func(i resource.Instance) bool {
				return i.Presence != "" || filtered && !slices.Contains(wanted, i.ID)
			})
			items, next, err := page(r, p, r.Params.Get("NextToken"), "UnauthorizedOperation")
			type reservation struct {
				Instances []ec2Instance `xml:"instancesSet>item"`
			}
			var all struct {
				Reservations struct {
					Item []reservation `xml:"item"`
				} `xml:"reservationSet"`
				NextToken string `xml:"nextToken,omitempty"`
			}
			for _, i := range items {
				v := ec2Instance{i.ID, i.State, i.VPCID, i.SubnetID, i.PublicIP, i.ProfileARN, i.KeyName, nil}
				for key, value := range i.Tags {
					v.Tags = append(v.Tags, ec2Tag{key, value})
				}
				all.Reservations.Item = append(all.Reservations.Item, reservation{[]ec2Instance{v}})
			}
			all.NextToken = next
			return all, err
		}},
	}
}

// in reads the input of a JSON protocol.
func in[T any](operation func(T) (any, error)) awsfake.Operation {
	return func(r awsfake.Request) (any, error) {
		var v T
		if err := json.Unmarshal(r.Body, &v); err != nil {
			return nil, awsfake.Errorf("SerializationException", "%v", err)
		}
		return operation(v)
	}
}

type object = map[string]any

func (f *fake) dynamodb() awsfake.Service {
	return awsfake.Service{
		Name: "dynamodb", Protocol: awsfake.JSON10,
		Operations: map[string]awsfake.Operation{"DescribeTable": in(func(in struct{ TableName string }) (any, error) {
			t, err := find(f.Tables, in.TableName, byKey[resource.Table], func(t resource.Table) resource.Presence { return t.Presence }, codes{"AccessDeniedException", "ResourceNotFoundException"})
			if err != nil {
				return nil, err
			}
			var keys, attributes []object
			for _, k := range strings.Split(t.Schema, ", ") {
				words := strings.Fields(k)
				if len(words) == 3 {
					keys = append(keys, object{"AttributeName": words[0], "KeyType": words[1]})
					attributes = append(attributes, object{"AttributeName": words[0], "AttributeType": words[2]})
				}
			}
			return object{"Table": object{"TableName": t.Name, "TableArn": t.ARN, "TableStatus": t.Status, "KeySchema": keys, "AttributeDefinitions": attributes}}, nil
		})},
	}
}

func (f *fake) kms() awsfake.Service {
	key := func(id string) (resource.Key, error) {
		return find(f.Keys, id, func(k resource.Key, ref string) bool {
			return k.ID == ref || k.ARN == ref || slices.Contains(k.Aliases, ref)
		}, func(k resource.Key) resource.Presence { return k.Presence }, codes{"AccessDeniedException", "NotFoundException"})
	}
	type input = struct {
		KeyID string `json:"KeyId"`
	}
	return awsfake.Service{
		Name: "kms", Protocol: awsfake.JSON11,
		Operations: map[string]awsfake.Operation{
			"DescribeKey": in(func(in input) (any, error) {
				k, err := key(in.KeyID)
				if err != nil {
					return nil, err
				}
				return object{"KeyMetadata": object{"KeyId": k.ID, "Arn": k.ARN, "KeyState": k.State, "KeySpec": k.Spec, "KeyUsage": k.Usage}}, nil
			}),
			"GetKeyPolicy": in(func(in input) (any, error) {
				k, err := key(in.KeyID)
				if err == nil && k.Policy == "" {
					err = deny("AccessDeniedException")
				}
				if err != nil {
					return nil, err
				}
				return object{"Policy": k.Policy, "PolicyName": "default"}, nil
			}),
		},
	}
}

func (f *fake) secrets() awsfake.Service {
	type input = struct {
		SecretID string `json:"SecretId"`
	}
	secret := func(id string) (resource.Secret, error) {
		return find(f.Secrets, id, func(s resource.Secret, ref string) bool { return s.Name == ref || s.ARN == ref },
			func(s resource.Secret) resource.Presence { return s.Presence }, codes{"AccessDeniedException", "ResourceNotFoundException"})
	}
	return awsfake.Service{
		Name: "secretsmanager", Protocol: awsfake.JSON11,
		Operations: map[string]awsfake.Operation{
			"DescribeSecret": in(func(in input) (any, error) {
				v, err := secret(in.SecretID)
				if err != nil {
					return nil, err
				}
				answer := object{"Name": v.Name, "ARN": v.ARN}
				if v.KMSKey != "" {
					answer["KmsKeyId"] = v.KMSKey
				}
				if v.Replica != "" {
					answer["PrimaryRegion"] = v.Replica
				}
				if !v.Deleted.IsZero() {
					answer["DeletedDate"] = v.Deleted.Unix()
				}
				return answer, nil
			}),
			"GetResourcePolicy": in(func(in input) (any, error) {
				v, err := secret(in.SecretID)
				if err == nil && v.Policy == "" {
					err = deny("AccessDeniedException")
				}
				if err != nil {
					return nil, err
				}
				answer := object{"Name": v.Name, "ARN": v.ARN}
				if v.Policy != "none" {
					answer["ResourcePolicy"] = v.Policy
				}
				return answer, nil
			}),
		},
	}
}

func (f *fake) ecr() awsfake.Service {
	return awsfake.Service{
		Name: "ecr", Protocol: awsfake.JSON11,
		Operations: map[string]awsfake.Operation{"DescribeRepositories": in(func(in struct {
			Names []string `json:"repositoryNames"`
		},
		) (any, error) {
			var repositories []object
			for _, name := range in.Names {
				v, err := find(f.Repositories, name, byKey[resource.Repository], func(r resource.Repository) resource.Presence { return r.Presence }, codes{"AccessDeniedException", "RepositoryNotFoundException"})
				if err != nil {
					return nil, err
				}
				repositories = append(repositories, object{"repositoryName": v.Name, "repositoryArn": v.ARN})
			}
			return object{"repositories": repositories}, nil
		})},
	}
}

func (f *fake) cloudformation() awsfake.Service {
	type tag struct{ Key, Value string }
	type stack struct {
		Name   string `xml:"StackName"`
		ID     string `xml:"StackId"`
		Status string `xml:"StackStatus"`
		Tags   members[tag]
	}
	return awsfake.Service{
		Name: "cloudformation", Protocol: awsfake.Query, Namespace: "http://cloudformation.amazonaws.com/doc/2010-05-15/",
		Operations: map[string]awsfake.Operation{"DescribeStacks": func(r awsfake.Request) (any, error) {
			items, next, err := page(r, f.Stacks, r.Params.Get("NextToken"), "AccessDenied")
			return struct {
				Stacks    members[stack]
				NextToken string `xml:",omitempty"`
			}{list(items, func(s resource.Stack) stack {
				v := stack{Name: s.Name, ID: s.ID, Status: s.Status}
				for key, value := range s.Tags {
					v.Tags.Member = append(v.Tags.Member, tag{key, value})
				}
				return v
			}), next}, err
		}},
	}
}

func (f *fake) efs() awsfake.Service {
	fileSystem := func(r awsfake.Request) (resource.FileSystem, error) {
		return find(f.FileSystems, r.HTTP.URL.Query().Get("FileSystemId"), byKey[resource.FileSystem],
			func(v resource.FileSystem) resource.Presence { return v.Presence }, codes{"AccessDeniedException", "FileSystemNotFound"})
	}
	return awsfake.Service{
		Name: "elasticfilesystem", Protocol: awsfake.RESTJSON,
		Routes: map[string]string{"GET /2015-02-01/file-systems": "DescribeFileSystems", "GET /2015-02-01/mount-targets": "DescribeMountTargets"},
		Operations: map[string]awsfake.Operation{
			"DescribeFileSystems": func(r awsfake.Request) (any, error) {
				v, err := fileSystem(r)
				if err != nil {
					return nil, err
				}
				answer := object{"FileSystemId": v.ID, "FileSystemArn": v.ARN, "LifeCycleState": v.State}
				if v.Encrypted != nil {
					answer["Encrypted"] = *v.Encrypted
				}
				return object{"FileSystems": []object{answer}}, nil
			},
			"DescribeMountTargets": func(r awsfake.Request) (any, error) {
				v, err := fileSystem(r)
				if err != nil {
					return nil, err
				}
				items, next, err := page(r, v.Targets, r.HTTP.URL.Query().Get("Marker"), "AccessDeniedException")
				targets := []object{}
				for _, m := range items {
					targets = append(targets, object{"MountTargetId": m.ID, "SubnetId": m.SubnetID, "VpcId": m.VPCID, "AvailabilityZoneName": m.Zone, "LifeCycleState": m.State})
				}
				answer := object{"MountTargets": targets}
				if next != "" {
					answer["NextMarker"] = next
				}
				return answer, err
			},
		},
	}
}

// s3 routes by the query, and by IAM's names of the actions, which are not those of
// the calls. Buckets are addressed by path.
func (f *fake) s3() awsfake.Service {
	bucket := func(r awsfake.Request) (resource.Bucket, error) {
		return find(f.Buckets, strings.Trim(r.HTTP.URL.Path, "/"), byKey[resource.Bucket],
			func(b resource.Bucket) resource.Presence { return b.Presence }, codes{"AccessDenied", "NoSuchBucket"})
	}
	answer := func(format string, args ...any) awsfake.Response {
		return awsfake.Response{
			Header: http.Header{"X-Amz-Request-Id": {awsfake.RequestID}, "Content-Type": {"application/xml"}},
			Body:   fmt.Appendf(nil, format, args...),
		}
	}
	with := func(operation func(resource.Bucket) (any, error)) awsfake.Operation {
		return func(r awsfake.Request) (any, error) {
			b, err := bucket(r)
			if err != nil {
				return nil, err
			}
			if b.Presence == resource.OtherRegion {
				a := answer("<Error><Code>PermanentRedirect</Code><Message>elsewhere</Message></Error>")
				a.Status = http.StatusMovedPermanently
				a.Header.Set("X-Amz-Bucket-Region", b.Region)
				return a, nil
			}
			return operation(b)
		}
	}
	return awsfake.Service{
		Name: "s3", Protocol: awsfake.RESTXML, Bare: true,
		Route: func(r *http.Request) string {
			switch q := r.URL.Query(); {
			case r.URL.Path == "/" || r.URL.Path == "":
				return "ListAllMyBuckets"
			case q.Has("location"):
				return "GetBucketLocation"
			case q.Has("publicAccessBlock"):
				return "GetBucketPublicAccessBlock"
			case q.Has("encryption"):
				return "GetEncryptionConfiguration"
			case q.Has("versioning"):
				return "GetBucketVersioning"
			}
			return ""
		},
		Operations: map[string]awsfake.Operation{
			"ListAllMyBuckets": func(r awsfake.Request) (any, error) {
				items, next, err := page(r, f.OwnBuckets, r.HTTP.URL.Query().Get("continuation-token"), "AccessDenied")
				if err != nil {
					return nil, err
				}
				var b strings.Builder
				for _, v := range items {
					fmt.Fprintf(&b, "<Bucket><Name>%s</Name><BucketRegion>%s</BucketRegion></Bucket>", v.Name, v.Region)
				}
				if next != "" {
					next = "<ContinuationToken>" + next + "</ContinuationToken>"
				}
				return answer("<ListAllMyBucketsResult><Buckets>%s</Buckets>%s</ListAllMyBucketsResult>", b.String(), next), nil
			},
			"GetBucketLocation": with(func(b resource.Bucket) (any, error) {
				region := b.Region
				if region == "us-east-1" {
					region = ""
				}
				return answer("<LocationConstraint>%s</LocationConstraint>", region), nil
			}),
			"GetBucketPublicAccessBlock": with(func(b resource.Bucket) (any, error) {
				switch b.Blocks {
				case "":
					return nil, deny("AccessDenied")
				case "none":
					return nil, missing("NoSuchPublicAccessBlockConfiguration", b.Name)
				}
				var inner strings.Builder
				for _, name := range strings.Split(b.Blocks, ",") {
					fmt.Fprintf(&inner, "<%s>true</%s>", name, name)
				}
				return answer("<PublicAccessBlockConfiguration>%s</PublicAccessBlockConfiguration>", inner.String()), nil
			}),
			"GetEncryptionConfiguration": with(func(b resource.Bucket) (any, error) {
				switch b.Encryption {
				case "":
					return nil, deny("AccessDenied")
				case "none":
					return nil, missing("ServerSideEncryptionConfigurationNotFoundError", b.Name)
				}
				return answer("<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>%s</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>", b.Encryption), nil
			}),
			"GetBucketVersioning": with(func(b resource.Bucket) (any, error) {
				switch b.Versioning {
				case "":
					return nil, deny("AccessDenied")
				case "never":
					return answer("<VersioningConfiguration/>"), nil
				}
				return answer("<VersioningConfiguration><Status>%s</Status></VersioningConfiguration>", b.Versioning), nil
			}),
		},
	}
}
