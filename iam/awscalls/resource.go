package awscalls

import (
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/groundway-sdk/groundway/iam"
)

// identifiers are the fields of inputs that name resources, by the placeholders
// that the catalog has for them. Everything else in an input is never looked at.
var identifiers = map[string]string{
	"AllocationId": "AllocationId", "AllocationIds": "AllocationId",
	"AutoScalingGroupName": "GroupFriendlyName",
	"Bucket":               "BucketName",
	"ClusterName":          "ClusterName",
	"DhcpOptionsId":        "DhcpOptionsId",
	"FileSystemId":         "FileSystemId",
	"GroupId":              "SecurityGroupId", "GroupIds": "SecurityGroupId", "SecurityGroupIds": "SecurityGroupId",
	"GroupName":    "GroupNameWithPath",
	"HostedZoneId": "Id",
	"ImageId":      "ImageId",
	"InstanceId":   "InstanceId", "InstanceIds": "InstanceId",
	"InstanceProfileName": "InstanceProfileNameWithPath",
	"InternetGatewayId":   "InternetGatewayId",
	"Key":                 "ObjectName",
	"KeyId":               "KeyId",
	"KeyName":             "KeyPairName",
	"LoadBalancerName":    "LoadBalancerName",
	"NatGatewayId":        "NatGatewayId",
	"NetworkAclId":        "NaclId",
	"NetworkInterfaceId":  "NetworkInterfaceId",
	"PolicyName":          "PolicyNameWithPath",
	"RepositoryName":      "RepositoryName",
	"RoleName":            "RoleNameWithPath",
	"RouteTableId":        "RouteTableId",
	"SnapshotId":          "SnapshotId",
	"StackName":           "StackName",
	"SubnetId":            "SubnetId", "SubnetIds": "SubnetId",
	"TableName":     "TableName",
	"UserName":      "UserNameWithPath",
	"VolumeId":      "VolumeId",
	"VpcEndpointId": "VpcEndpointId", "VpcEndpointIds": "VpcEndpointId",
	"VpcId": "VpcId",
}

// arnFields are the fields whose values are ARNs of what a call is about.
var arnFields = map[string]bool{
	"LoadBalancerArn": true, "OpenIDConnectProviderArn": true, "PolicyArn": true, "PolicySourceArn": true, "RoleArn": true, "SecretId": true, "TargetGroupArn": true, "ListenerArn": true,
}

// placeholdersOf are the fields that mean something else in one service.
var placeholdersOf = map[string]map[string]string{
	"EC2":      {"GroupName": "", "KeyId": "", "Key": ""},
	"EKS":      {"Name": "ClusterName"},
	"Route 53": {"Id": "Id"},
}

// resourcesField holds identifiers of EC2 of every kind, in calls that set tags.
const resourcesField = "Resources"

// prefixes are the placeholders of EC2 by how identifiers begin.
var prefixes = map[string]string{
	"acl": "NaclId", "ami": "ImageId", "dopt": "DhcpOptionsId", "eipalloc": "AllocationId", "eni": "NetworkInterfaceId", "i": "InstanceId", "igw": "InternetGatewayId",
	"nat": "NatGatewayId", "rtb": "RouteTableId", "sg": "SecurityGroupId", "snap": "SnapshotId", "subnet": "SubnetId", "vol": "VolumeId", "vpc": "VpcId", "vpce": "VpcEndpointId",
}

// A named is what an input names: identifiers by placeholder, and ARNs.
type named struct {
	values map[string][]string
	arns   []string
	passes bool // it hands on a role
	roles  []string
	tags   bool     // it sets tags on what it makes
	tagged []string // types of things of EC2 that it sets tags on: "volume"
	source string   // what it copies of S3: "bucket/key", or the ARN of an access point's object
}

// namedIn reads the identifiers of an input, and nothing else of it.
func namedIn(service string, input any) named {
	n := named{values: map[string][]string{}}
	v := reflect.ValueOf(input)
	for v.Kind() == reflect.Pointer && !v.IsNil() {
		v = v.Elem()
	}
	if v.Kind() != reflect.Struct {
		return n
	}
	path := "/"
	if texts := textsOf(v.FieldByName("Path")); len(texts) == 1 {
		path = texts[0]
	}
	for i := range v.NumField() {
		name := v.Type().Field(i).Name
		texts := textsOf(v.Field(i))
		if slices.Contains(passes[service], name) && !v.Field(i).IsZero() {
			n.passes = true
			n.roles = append(n.roles, texts...)
			continue
		}
		if service == "S3" && name == "CopySource" && len(texts) == 1 {
			n.source = copySource(texts[0])
			continue
		}
		if name == "Tags" && v.Field(i).Kind() == reflect.Slice {
			n.tags = n.tags || v.Field(i).Len() > 0
			continue
		}
		if service == "EC2" && name == "TagSpecifications" {
			for j := range v.Field(i).Len() {
				n.tagged = append(n.tagged, v.Field(i).Index(j).FieldByName("ResourceType").String())
			}
			continue
		}
		if service == "EC2" && name == resourcesField {
			for _, id := range texts {
				kind, _, _ := strings.Cut(id, "-")
				if placeholder, ok := prefixes[kind]; ok {
					n.values[placeholder] = append(n.values[placeholder], id)
				}
			}
			continue
		}
		placeholder, ok := placeholdersOf[service][name]
		if !ok {
			placeholder = identifiers[name]
		}
		for _, text := range texts {
			switch {
			case strings.HasPrefix(text, "arn:") && (arnFields[name] || placeholder != ""):
				n.arns = append(n.arns, text)
			case placeholder == "" || text == "":
			case placeholder == "KeyId" && strings.HasPrefix(text, "alias/"):
				// KMS decides about the key, and which one that is is not known here.
			case strings.HasSuffix(placeholder, "WithPath"):
				n.values[placeholder] = append(n.values[placeholder], strings.TrimPrefix(path, "/")+text)
			default:
				n.values[placeholder] = append(n.values[placeholder], strings.TrimPrefix(text, "/hostedzone/"))
			}
		}
	}
	return n
}

// copySource returns the object that a copy reads, without its version: the SDK takes
// it as part of a URL.
func copySource(text string) string {
	text, _, _ = strings.Cut(strings.TrimPrefix(text, "/"), "?versionId=")
	if plain, err := url.PathUnescape(text); err == nil {
		return plain
	}
	return text
}

// textsOf returns the texts of a field that is a text or a list of texts.
func textsOf(v reflect.Value) []string {
	if !v.IsValid() || !v.CanInterface() {
		return nil
	}
	switch t := v.Interface().(type) {
	case *string:
		if t != nil {
			return []string{*t}
		}
	case []string:
		return t
	}
	return nil
}

// all returns the identifiers, for a record.
func (n named) all() []string {
	list := slices.Clone(n.arns)
	if n.source != "" {
		list = append(list, n.source)
	}
	for _, values := range n.values {
		list = append(list, values...)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

var placeholder = regexp.MustCompile(`\$\{[A-Za-z]+\}`)

// resources returns what an action is done to by a call with these names: an ARN
// for each name, a pattern for a type that the action needs and the call does not
// name, and "*" where the action has no resources or it is not known which.
func (n named) resources(a iam.Action, scope iam.Scope, c iam.Catalog) []string {
	if a == getObject && n.source != "" {
		if strings.HasPrefix(n.source, "arn:") {
			return []string{n.source}
		}
		return []string{scope.ARN("s3", n.source)}
	}
	types := c.ResourceTypes(a)
	var list []string
	for _, t := range types {
		var own []string
		for _, template := range t.ARNs {
			own = append(own, n.filled(template, scope)...)
			for _, arn := range n.arns {
				if matches(template, arn) {
					own = append(own, arn)
				}
			}
		}
		if len(own) == 0 && t.Required {
			for _, template := range t.ARNs {
				own = append(own, fill(template, scope, nil))
			}
		}
		list = append(list, own...)
	}
	if len(list) == 0 {
		return []string{"*"}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// filled returns the ARNs of a template all of whose names are known.
func (n named) filled(template string, scope iam.Scope) []string {
	list := []map[string]string{{}}
	names := 0
	for _, p := range placeholder.FindAllString(template, -1) {
		key := p[2 : len(p)-1]
		if key == "Partition" || key == "Region" || key == "Account" {
			continue
		}
		names++
		values := n.values[key]
		if len(values) == 0 {
			return nil
		}
		var next []map[string]string
		for _, known := range list {
			for _, v := range values {
				more := map[string]string{key: v}
				for k, old := range known {
					more[k] = old
				}
				next = append(next, more)
			}
		}
		list = next
	}
	if names == 0 {
		return nil
	}
	var arns []string
	for _, known := range list {
		arns = append(arns, fill(template, scope, known))
	}
	return arns
}

// fill writes a template with the scope's parts, the names that are known, and * for
// the others.
func fill(template string, scope iam.Scope, known map[string]string) string {
	return placeholder.ReplaceAllStringFunc(template, func(p string) string {
		key := p[2 : len(p)-1]
		if v, ok := known[key]; ok {
			return v
		}
		switch key {
		case "Partition":
			return string(scope.Partition())
		case "Account":
			return string(scope.Account())
		case "Region":
			return string(scope.Region())
		}
		return "*"
	})
}

// matches reports whether an ARN can be one of the template.
func matches(template, arn string) bool {
	var b strings.Builder
	b.WriteString("^")
	rest := template
	for {
		at := placeholder.FindStringIndex(rest)
		if at == nil {
			b.WriteString(regexp.QuoteMeta(rest) + "$")
			break
		}
		b.WriteString(regexp.QuoteMeta(rest[:at[0]]) + ".*")
		rest = rest[at[1]:]
	}
	ok, err := regexp.MatchString(b.String(), arn)
	return err == nil && ok
}
