package iam

import (
	"encoding/base64"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A Condition is one test of a statement: an operator, a condition key, and the
// values that it compares with. All conditions of a statement have to hold;
// among the values of one condition, one suffices, or none may, for the negated
// operators. Values are kept as text: true and "true" are the same.
//
// Where a text has an operator without keys, which holds always, Key is empty.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html
type Condition struct {
	Operator Operator
	Key      string
	Values   []string
}

// An Operator is a condition operator with its prefix and suffix, as it stands
// in a document: "ForAnyValue:StringEqualsIfExists". The zero value is invalid.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
type Operator string

const (
	forAnyValue  = "ForAnyValue:"
	forAllValues = "ForAllValues:"
	ifExists     = "IfExists"
)

// Base returns the operator without ForAnyValue:, ForAllValues: and IfExists.
func (o Operator) Base() Operator {
	base := strings.TrimPrefix(strings.TrimPrefix(string(o), forAnyValue), forAllValues)
	return Operator(strings.TrimSuffix(base, ifExists))
}

// IsIfExists reports whether the operator also holds where the key is missing.
func (o Operator) IsIfExists() bool { return strings.HasSuffix(string(o), ifExists) }

// IsForAnyValue reports whether one of several values in the request suffices.
func (o Operator) IsForAnyValue() bool { return strings.HasPrefix(string(o), forAnyValue) }

// IsForAllValues reports whether all values in the request have to match. It
// also holds where the request has none.
func (o Operator) IsForAllValues() bool { return strings.HasPrefix(string(o), forAllValues) }

// IsValid reports whether AWS has the operator.
func (o Operator) IsValid() bool {
	base := o.Base()
	if o.rebuild(base) != o {
		return false
	}
	// Null has no other forms: it asks itself whether the key is there.
	return base.family() != "" && (base != "Null" || o == "Null")
}

// rebuild puts the prefix and suffix of o around base.
func (o Operator) rebuild(base Operator) Operator {
	switch {
	case o.IsForAnyValue():
		base = forAnyValue + base
	case o.IsForAllValues():
		base = forAllValues + base
	}
	if o.IsIfExists() {
		base += ifExists
	}
	return base
}

// A family is the type of the values that an operator compares; empty where
// AWS has no such operator.
type family string

const (
	familyString  family = "string"
	familyNumeric family = "number"
	familyDate    family = "date"
	familyBool    family = "boolean"
	familyBinary  family = "base64 text"
	familyIP      family = "IP address or CIDR range"
	familyARN     family = "ARN"
	familyNull    family = "true or false"
)

// family returns the family of a base operator.
func (o Operator) family() family {
	switch o {
	case "StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", "StringLike", "StringNotLike":
		return familyString
	case "NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericLessThanEquals", "NumericGreaterThan", "NumericGreaterThanEquals":
		return familyNumeric
	case "DateEquals", "DateNotEquals", "DateLessThan", "DateLessThanEquals", "DateGreaterThan", "DateGreaterThanEquals":
		return familyDate
	case "Bool":
		return familyBool
	case "BinaryEquals":
		return familyBinary
	case "IpAddress", "NotIpAddress":
		return familyIP
	case "ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike":
		return familyARN
	case "Null":
		return familyNull
	}
	return ""
}

// takes reports whether an operator of the family can compare with the value.
// Text with a policy variable is taken where the family has variables.
func (f family) takes(value string) bool {
	switch f {
	case familyNumeric:
		_, err := strconv.ParseFloat(value, 64)
		return err == nil && strings.Trim(value, "+-.0123456789eE") == ""
	case familyDate:
		return isDate(value)
	case familyBool, familyNull:
		return strings.EqualFold(value, "true") || strings.EqualFold(value, "false")
	case familyBinary:
		_, err := base64.StdEncoding.Strict().DecodeString(value)
		return err == nil
	case familyIP:
		if strings.Contains(value, "/") {
			_, err := netip.ParsePrefix(value)
			return err == nil
		}
		a, err := netip.ParseAddr(value)
		return err == nil && a.Zone() == ""
	case familyARN:
		return value == "*" || hasVariable(value) || isARNPattern(value)
	}
	return true
}

// isDate reports whether AWS reads the value as a time: in one of the W3C
// profiles of ISO 8601, or in seconds since 1970.
func isDate(value string) bool {
	if _, err := strconv.ParseInt(value, 10, 64); err == nil {
		return true
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04Z07:00", "2006-01-02", "2006-01", "2006"} {
		if _, err := time.Parse(layout, value); err == nil {
			return true
		}
	}
	return false
}

// IfExists returns the condition that also holds where the key is missing.
func (c Condition) IfExists() Condition {
	if !c.Operator.IsIfExists() {
		c.Operator += ifExists
	}
	return c
}

// ForAnyValue returns the condition that holds if one of the several values
// that the key has in the request does. It does not hold where there is none.
func (c Condition) ForAnyValue() Condition {
	c.Operator = forAnyValue + c.Operator
	return c
}

// ForAllValues returns the condition that holds if all of the several values
// that the key has in the request do. It also holds where there is none: in
// an Allow statement, put [KeyPresent] beside it.
func (c Condition) ForAllValues() Condition {
	c.Operator = forAllValues + c.Operator
	return c
}

func compare(operator Operator, key string, values []string) Condition {
	return Condition{operator, key, slices.Clone(values)}
}

// StringEquals compares text exactly. Text may hold policy variables.
func StringEquals(key string, values ...string) Condition {
	return compare("StringEquals", key, values)
}

// StringNotEquals holds where the key has none of the values, or is missing.
func StringNotEquals(key string, values ...string) Condition {
	return compare("StringNotEquals", key, values)
}

// StringEqualsIgnoreCase compares text without regard to case.
func StringEqualsIgnoreCase(key string, values ...string) Condition {
	return compare("StringEqualsIgnoreCase", key, values)
}

// StringNotEqualsIgnoreCase is the negation of [StringEqualsIgnoreCase].
func StringNotEqualsIgnoreCase(key string, values ...string) Condition {
	return compare("StringNotEqualsIgnoreCase", key, values)
}

// StringLike compares with patterns, in which * and ? are wildcards. [Literal]
// escapes them.
func StringLike(key string, patterns ...string) Condition {
	return compare("StringLike", key, patterns)
}

// StringNotLike is the negation of [StringLike].
func StringNotLike(key string, patterns ...string) Condition {
	return compare("StringNotLike", key, patterns)
}

// ArnLike compares the six parts of ARNs with patterns, each part by itself.
func ArnLike(key string, patterns ...string) Condition { return compare("ArnLike", key, patterns) }

// ArnNotLike is the negation of [ArnLike].
func ArnNotLike(key string, patterns ...string) Condition {
	return compare("ArnNotLike", key, patterns)
}

// ArnEquals does what [ArnLike] does.
func ArnEquals(key string, patterns ...string) Condition {
	return compare("ArnEquals", key, patterns)
}

// ArnNotEquals does what [ArnNotLike] does.
func ArnNotEquals(key string, patterns ...string) Condition {
	return compare("ArnNotEquals", key, patterns)
}

// Bool compares with true or false.
func Bool(key string, want bool) Condition {
	return Condition{"Bool", key, []string{strconv.FormatBool(want)}}
}

// KeyPresent holds where the request has the key: Null with "false".
func KeyPresent(key string) Condition { return Condition{"Null", key, []string{"false"}} }

// KeyAbsent holds where the request does not have the key: Null with "true".
func KeyAbsent(key string) Condition { return Condition{"Null", key, []string{"true"}} }

// NumericEquals compares numbers. Numbers that a float64 cannot hold are
// written as text in a [Condition] of one's own.
func NumericEquals(key string, values ...float64) Condition {
	return numeric("NumericEquals", key, values)
}

// NumericNotEquals is the negation of [NumericEquals].
func NumericNotEquals(key string, values ...float64) Condition {
	return numeric("NumericNotEquals", key, values)
}

// NumericLessThan holds where the key is less than value.
func NumericLessThan(key string, value float64) Condition {
	return numeric("NumericLessThan", key, []float64{value})
}

// NumericLessThanEquals holds where the key is value or less.
func NumericLessThanEquals(key string, value float64) Condition {
	return numeric("NumericLessThanEquals", key, []float64{value})
}

// NumericGreaterThan holds where the key is greater than value.
func NumericGreaterThan(key string, value float64) Condition {
	return numeric("NumericGreaterThan", key, []float64{value})
}

// NumericGreaterThanEquals holds where the key is value or greater.
func NumericGreaterThanEquals(key string, value float64) Condition {
	return numeric("NumericGreaterThanEquals", key, []float64{value})
}

func numeric(operator Operator, key string, values []float64) Condition {
	c := Condition{Operator: operator, Key: key}
	for _, v := range values {
		c.Values = append(c.Values, strconv.FormatFloat(v, 'f', -1, 64))
	}
	return c
}

// DateEquals compares times, to the second.
func DateEquals(key string, values ...time.Time) Condition { return date("DateEquals", key, values) }

// DateNotEquals is the negation of [DateEquals].
func DateNotEquals(key string, values ...time.Time) Condition {
	return date("DateNotEquals", key, values)
}

// DateLessThan holds before value.
func DateLessThan(key string, value time.Time) Condition {
	return date("DateLessThan", key, []time.Time{value})
}

// DateLessThanEquals holds until value.
func DateLessThanEquals(key string, value time.Time) Condition {
	return date("DateLessThanEquals", key, []time.Time{value})
}

// DateGreaterThan holds after value.
func DateGreaterThan(key string, value time.Time) Condition {
	return date("DateGreaterThan", key, []time.Time{value})
}

// DateGreaterThanEquals holds from value on.
func DateGreaterThanEquals(key string, value time.Time) Condition {
	return date("DateGreaterThanEquals", key, []time.Time{value})
}

func date(operator Operator, key string, values []time.Time) Condition {
	c := Condition{Operator: operator, Key: key}
	for _, v := range values {
		c.Values = append(c.Values, v.UTC().Format(time.RFC3339))
	}
	return c
}

// IPAddress holds where the key lies in one of the ranges.
func IPAddress(key string, ranges ...netip.Prefix) Condition {
	return address("IpAddress", key, ranges)
}

// NotIPAddress is the negation of [IPAddress].
func NotIPAddress(key string, ranges ...netip.Prefix) Condition {
	return address("NotIpAddress", key, ranges)
}

func address(operator Operator, key string, ranges []netip.Prefix) Condition {
	c := Condition{Operator: operator, Key: key}
	for _, r := range ranges {
		c.Values = append(c.Values, r.String())
	}
	return c
}

// BinaryEquals compares bytes.
func BinaryEquals(key string, values ...[]byte) Condition {
	c := Condition{Operator: "BinaryEquals", Key: key}
	for _, v := range values {
		c.Values = append(c.Values, base64.StdEncoding.EncodeToString(v))
	}
	return c
}

// String returns the condition as a reader would say it, for messages.
func (c Condition) String() string {
	return fmt.Sprintf("%s %s %q", c.Operator, c.Key, c.Values)
}
