package awsresource

import (
	"cmp"
	"context"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	dynamodbsdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	kmssdk "github.com/aws/aws-sdk-go-v2/service/kms"
	s3sdk "github.com/aws/aws-sdk-go-v2/service/s3"
	secretssdk "github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/iam/resource"
	"github.com/groundway-sdk/groundway/internal/awserr"
)

// vault returns what is named for Vault, which boot does not make itself.
func (l *loader) vault() resource.Vault {
	if l.names.Vault == nil || l.names.Vault.AutoCreate {
		return resource.Vault{}
	}
	return *l.names.Vault
}

// tables reads the tables that are named.
func (l *loader) tables(c Clients, p *resource.Parts) func() {
	v := l.vault()
	list := places[resource.Table]([]string{v.Table}, 1)
	if without(c.DynamoDB == nil, &p.Tables, describeTable, len(list)) {
		return nothing
	}
	for _, n := range list {
		l.call(describeTable, n.place(), func(ctx context.Context) error {
			out, err := c.DynamoDB.DescribeTable(ctx, &dynamodbsdk.DescribeTableInput{TableName: &n.name}, func(o *dynamodbsdk.Options) {
				o.Region = cmp.Or(v.TableRegion, o.Region)
			})
			if err == nil && (out.Table == nil || out.Table.TableName == nil) {
				err = awserr.ErrNoList
			}
			if err != nil {
				if err = found(&n.item.Presence, err); err == nil {
					n.item.Name = n.name
				}
				return err
			}
			types := map[string]string{}
			for _, a := range out.Table.AttributeDefinitions {
				types[aws.ToString(a.AttributeName)] = string(a.AttributeType)
			}
			var schema []string
			for _, k := range out.Table.KeySchema {
				name := aws.ToString(k.AttributeName)
				schema = append(schema, name+" "+string(k.KeyType)+" "+types[name])
			}
			n.item = resource.Table{Name: n.name, ARN: aws.ToString(out.Table.TableArn), Status: string(out.Table.TableStatus), Schema: strings.Join(schema, ", ")}
			return nil
		})
	}
	return func() { join(&p.Tables, list) }
}

// keys reads the keys that are named, each in its region, and then its policy. Two
// names of one key are one item.
func (l *loader) keys(c Clients, p *resource.Parts) func() {
	regions := map[string]string{}
	var names []string
	if k := l.names.KMS; k != nil && k.Key != "" {
		names, regions[k.Key] = append(names, k.Key), k.Region
	}
	if v := l.vault(); v.Key != "" {
		names, regions[v.Key] = append(names, v.Key), cmp.Or(v.KeyRegion, regions[v.Key])
	}
	list := places[resource.Key](names, 2)
	if without(c.KMS == nil, &p.Keys, describeKey, len(list)) {
		return nothing
	}
	for _, n := range list {
		region := func(o *kmssdk.Options) {
			o.Region = cmp.Or(regions[n.name], o.Region)
			if a, err := iam.ParseARN(n.name); err == nil && a.Region != "" {
				o.Region = string(a.Region)
			}
		}
		describe, policy := n.place(), n.place()
		l.call(describeKey, describe, func(ctx context.Context) error {
			out, err := c.KMS.DescribeKey(ctx, &kmssdk.DescribeKeyInput{KeyId: &n.name}, region)
			if err == nil && (out.KeyMetadata == nil || out.KeyMetadata.KeyId == nil) {
				err = awserr.ErrNoList
			}
			if err != nil {
				if err = found(&n.item.Presence, err); err == nil {
					n.item.ID = n.name
				}
				return err
			}
			m := out.KeyMetadata
			n.item = resource.Key{
				ID: aws.ToString(m.KeyId), ARN: aws.ToString(m.Arn), State: string(m.KeyState), Spec: string(m.KeySpec), Usage: string(m.KeyUsage),
			}
			if alias := n.name[strings.LastIndexByte(n.name, ':')+1:]; strings.HasPrefix(alias, "alias/") {
				n.item.Aliases = []string{alias}
			}
			got, err := c.KMS.GetKeyPolicy(ctx, &kmssdk.GetKeyPolicyInput{KeyId: m.KeyId, PolicyName: aws.String("default")}, region)
			if err == nil && got.Policy == nil {
				err = awserr.ErrNoList
			}
			if err != nil {
				if stop := awserr.Stop(ctx, getKeyPolicy, err); stop != nil {
					return stopped{stop}
				}
				*policy = append(*policy, awserr.Gap(getKeyPolicy, err))
				return nil
			}
			n.item.Policy = *got.Policy
			return nil
		})
	}
	return func() {
		var distinct []*named[resource.Key]
		at := map[string]*named[resource.Key]{}
		for _, n := range list {
			first := at[n.item.ID]
			if n.item.ID == "" || first == nil {
				distinct, at[n.item.ID] = append(distinct, n), n
				continue
			}
			first.item.Aliases = append(first.item.Aliases, n.item.Aliases...)
			first.gaps = append(first.gaps, n.gaps...)
		}
		join(&p.Keys, distinct)
	}
}

// A stopped error ends the reading for a call within another.
type stopped struct{ error }

func (s stopped) Unwrap() error { return s.error }

// buckets reads the list of the account's own, and of those that are named where
// they are and what they are configured with.
func (l *loader) buckets(c Clients, p *resource.Parts) func() {
	v := l.vault()
	names := []string{v.Bucket}
	for _, b := range l.names.Buckets {
		names = append(names, b.Name)
	}
	list := places[resource.Bucket](names, 4)
	if without(c.S3 == nil, &p.Buckets, getLocation, len(list)) {
		if len(list) > 0 {
			p.OwnBuckets.Gaps = append(p.OwnBuckets.Gaps, noClient(listBuckets))
		}
		return nothing
	}
	listed(l, &p.OwnBuckets, listBuckets, func(ctx context.Context, token *string) ([]resource.OwnBucket, bool, *string, error) {
		out, err := c.S3.ListBuckets(ctx, &s3sdk.ListBucketsInput{ContinuationToken: token, MaxBuckets: aws.Int32(1000)})
		if err != nil {
			return nil, false, nil, err
		}
		var own []resource.OwnBucket
		for _, b := range out.Buckets {
			own = append(own, resource.OwnBucket{Name: aws.ToString(b.Name), Region: aws.ToString(b.BucketRegion)})
		}
		return own, out.Buckets != nil && answered(out.ResultMetadata), out.ContinuationToken, nil
	})
	settings := make([]bucketSettings, len(list))
	for i, n := range list {
		l.bucket(c.S3, n, &settings[i])
	}
	return func() {
		for i, n := range list {
			s := settings[i]
			if n.item.Presence != "" {
				n.gaps = n.gaps[:1] // what the others say follows from that
				continue
			}
			if n.item.Name == "" && s != (bucketSettings{}) {
				n.item.Name = n.name // what has settings exists
			}
			n.item.Blocks, n.item.Encryption, n.item.Versioning = s.blocks, s.encryption, s.versioning
		}
		join(&p.Buckets, list)
	}
}

// bucketSettings are what calls of their own show of a bucket.
type bucketSettings struct{ blocks, encryption, versioning string }

// answered reports whether an answer is one of S3: all of its own carry the
// identifier of the request, which emulators spell as other services do, and an empty
// body is a whole answer of some calls.
func answered(m middleware.Metadata) bool {
	raw, ok := awsmiddleware.GetRawResponse(m).(*smithyhttp.Response)
	return ok && cmp.Or(raw.Header.Get("X-Amz-Request-Id"), raw.Header.Get("X-Amzn-Requestid")) != ""
}

// Error codes of S3 that are answers, see
// https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html.
const (
	noEncryption  = "ServerSideEncryptionConfigurationNotFoundError"
	noPublicBlock = "NoSuchPublicAccessBlockConfiguration"
)

// redirected are the codes for a bucket of another region.
var redirected = []string{"PermanentRedirect", "TemporaryRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException"}

func (l *loader) bucket(s3 S3API, n *named[resource.Bucket], s *bucketSettings) {
	l.call(getLocation, n.place(), func(ctx context.Context) error {
		out, err := s3.GetBucketLocation(ctx, &s3sdk.GetBucketLocationInput{Bucket: &n.name})
		if err == nil && !answered(out.ResultMetadata) {
			err = awserr.ErrNoList
		}
		if err == nil {
			n.item.Name, n.item.Region = n.name, resource.BucketRegion(string(out.LocationConstraint))
			return nil
		}
		for _, code := range redirected {
			if awserr.Code(err) == code {
				n.item = resource.Bucket{Name: n.name, Presence: resource.OtherRegion, Region: regionOf(err)}
				return nil
			}
		}
		if err = found(&n.item.Presence, err); err == nil {
			n.item.Name = n.name
		}
		if awserr.Classify(err) == awserr.Denied {
			n.item = resource.Bucket{Name: n.name, Presence: resource.Forbidden}
		}
		return err
	})
	l.call(getPublicAccess, n.place(), func(ctx context.Context) error {
		out, err := s3.GetPublicAccessBlock(ctx, &s3sdk.GetPublicAccessBlockInput{Bucket: &n.name})
		switch {
		case awserr.Code(err) == noPublicBlock:
			s.blocks = resource.BlocksOf(false, false, false, false)
			return nil
		case err == nil && (out.PublicAccessBlockConfiguration == nil || !answered(out.ResultMetadata)):
			return awserr.ErrNoList
		case err != nil:
			return err
		}
		b := out.PublicAccessBlockConfiguration
		s.blocks = resource.BlocksOf(aws.ToBool(b.BlockPublicAcls), aws.ToBool(b.IgnorePublicAcls), aws.ToBool(b.BlockPublicPolicy), aws.ToBool(b.RestrictPublicBuckets))
		return nil
	})
	l.call(getEncryption, n.place(), func(ctx context.Context) error {
		out, err := s3.GetBucketEncryption(ctx, &s3sdk.GetBucketEncryptionInput{Bucket: &n.name})
		switch {
		case awserr.Code(err) == noEncryption:
			s.encryption = "none"
			return nil
		case err == nil && (out.ServerSideEncryptionConfiguration == nil || !answered(out.ResultMetadata)):
			return awserr.ErrNoList
		case err != nil:
			return err
		}
		s.encryption = "none"
		for _, r := range out.ServerSideEncryptionConfiguration.Rules {
			if d := r.ApplyServerSideEncryptionByDefault; d != nil {
				s.encryption = cmp.Or(string(d.SSEAlgorithm), s.encryption)
			}
		}
		return nil
	})
	l.call(getVersioning, n.place(), func(ctx context.Context) error {
		out, err := s3.GetBucketVersioning(ctx, &s3sdk.GetBucketVersioningInput{Bucket: &n.name})
		if err == nil && !answered(out.ResultMetadata) {
			err = awserr.ErrNoList
		}
		if err == nil {
			s.versioning = cmp.Or(string(out.Status), "never")
		}
		return err
	})
}

// regionOf returns the region that a redirection of S3 names, or "".
func regionOf(err error) string {
	response, ok := errors.AsType[*smithyhttp.ResponseError](err)
	if !ok || response.Response == nil {
		return ""
	}
	region := response.Response.Header.Get("X-Amz-Bucket-Region")
	if len(region) > 25 || strings.Trim(region, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
		return ""
	}
	return region
}

// secrets reads what is known of the secrets that are named, but for their values.
func (l *loader) secrets(c Clients, p *resource.Parts) func() {
	var names []string
	for _, u := range l.names.Secrets {
		names = append(names, u.Secret)
	}
	list := places[resource.Secret](names, 2)
	if without(c.SecretsManager == nil, &p.Secrets, describeSecret, len(list)) {
		return nothing
	}
	policies := make([]string, len(list))
	for i, n := range list {
		l.call(getSecretPolicy, n.place(), func(ctx context.Context) error {
			out, err := c.SecretsManager.GetResourcePolicy(ctx, &secretssdk.GetResourcePolicyInput{SecretId: &n.name})
			switch {
			case err == nil && out.Name == nil:
				return awserr.ErrNoList
			case err == nil:
				policies[i] = cmp.Or(aws.ToString(out.ResourcePolicy), "none")
			case awserr.Classify(err) == awserr.NotFound:
				return nil // the other call says so
			}
			return err
		})
		l.call(describeSecret, n.place(), func(ctx context.Context) error {
			out, err := c.SecretsManager.DescribeSecret(ctx, &secretssdk.DescribeSecretInput{SecretId: &n.name})
			if err == nil && out.Name == nil {
				err = awserr.ErrNoList
			}
			if err != nil {
				if err = found(&n.item.Presence, err); err == nil {
					n.item.Name = n.name
				}
				return err
			}
			n.item = resource.Secret{Name: *out.Name, ARN: aws.ToString(out.ARN), KMSKey: aws.ToString(out.KmsKeyId)}
			if out.DeletedDate != nil {
				n.item.Deleted = out.DeletedDate.UTC()
			}
			if primary := aws.ToString(out.PrimaryRegion); !strings.Contains(n.item.ARN, ":"+primary+":") {
				n.item.Replica = primary
			}
			return nil
		})
	}
	return func() {
		for i, n := range list {
			if n.item.ARN != "" {
				n.item.Policy = policies[i]
			}
		}
		join(&p.Secrets, list)
	}
}
