package resource

import (
	"fmt"
	"strings"

	"github.com/groundway-sdk/groundway"
)

// vaultSchema is the key of the table that Vault's DynamoDB storage reads, see
// https://developer.hashicorp.com/vault/docs/configuration/storage/dynamodb.
const vaultSchema = "Path HASH S, Key RANGE S"

func checkTableFound(c *checker, code groundway.Code) {
	found(c, code, c.tables, unnamed, "DynamoDB table", func(t thing[Table]) []groundway.Remedy {
		return []groundway.Remedy{
			{
				Action: "Create the table.",
				Commands: [][]string{aws(
					t.region, "dynamodb", "create-table", "--table-name", word(t.subject.ID, "table-name"), "--billing-mode", "PAY_PER_REQUEST",
					"--attribute-definitions", "AttributeName=Path,AttributeType=S", "AttributeName=Key,AttributeType=S",
					"--key-schema", "AttributeName=Path,KeyType=HASH", "AttributeName=Key,KeyType=RANGE",
				)},
			},
			{Action: "Name the region that the table is in, or let boot make it by autoCreate."},
		}
	})
	if v := c.o.Vault; v != nil {
		c.named(code, "table", "dynamoDBTable", v.Table)
	}
}

// named records a failure where Vault has to be given a name and is not: boot makes
// nothing for a Vault that exists.
func (c *checker) named(code groundway.Code, kind, field, name string) {
	if name != "" || c.o.Vault.AutoCreate {
		return
	}
	c.hold(false, claim{
		code: code, subject: groundway.Subject{Kind: kind, Path: "/vault/aws/" + field}, want: "a name",
		summary:  fmt.Sprintf("Vault is not made by boot, and %s does not say what it uses.", field),
		remedies: []groundway.Remedy{{Action: "Name it in " + field + ", or let boot make it by autoCreate."}},
	})
}

func checkTableActive(c *checker, code groundway.Code) {
	for _, t := range seen(c, code, codeTableNotFound, c.tables, unnamed) {
		if t.item.Status == "" {
			c.unknown(code, t.subject, t.lacks(actionDescribeTable, "the status")...)
			continue
		}
		action := "Wait until the table is active, and check again."
		switch {
		case is(t.item.Status, "DELETING"):
			action = "Wait until the table is gone, and create another."
		case is(t.item.Status, "INACCESSIBLE_ENCRYPTION_CREDENTIALS"):
			action = "Give DynamoDB the use of the table's KMS key back."
		case strings.HasPrefix(strings.ToUpper(t.item.Status), "ARCHIV"):
			action = "Restore the table from its backup."
		}
		// A table that is being changed can be read and written.
		c.hold(is(t.item.Status, "ACTIVE") || is(t.item.Status, "UPDATING"), claim{
			code: code, subject: t.subject, path: t.at("status"), got: t.item.Status, want: "ACTIVE", source: actionDescribeTable,
			summary:  fmt.Sprintf("The DynamoDB table %q is %s.", t.subject.ID, t.item.Status),
			remedies: []groundway.Remedy{{Action: action, Commands: [][]string{aws(t.region, "dynamodb", "describe-table", "--table-name", word(t.subject.ID, "table-name"))}}},
		})
	}
}

func checkTableSchema(c *checker, code groundway.Code) {
	for _, t := range seen(c, code, codeTableNotFound, c.tables, unnamed) {
		if t.item.Schema == "" {
			c.unknown(code, t.subject, t.lacks(actionDescribeTable, "the key schema")...)
			continue
		}
		c.hold(t.item.Schema == vaultSchema, claim{
			code: code, subject: t.subject, path: t.at("schema"), got: t.item.Schema, want: vaultSchema, source: actionDescribeTable,
			summary:  fmt.Sprintf("The DynamoDB table %q has the key %s.", t.subject.ID, t.item.Schema),
			remedies: []groundway.Remedy{{Action: "Create another table with the partition key Path and the sort key Key, both strings, and name that: the key of a table cannot be changed."}},
		})
	}
}
