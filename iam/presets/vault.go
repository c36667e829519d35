package presets

import (
	"slices"

	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/iam/action/dynamodbaction"
	"github.com/groundway-sdk/groundway/iam/action/kmsaction"
	"github.com/groundway-sdk/groundway/iam/action/s3action"
)

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
