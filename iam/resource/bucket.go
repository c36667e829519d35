package resource

import "strings"

// BucketRegion returns the region of a location constraint of S3: buckets of
// us-east-1 have none, and old ones of eu-west-1 have EU; see
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html.
func BucketRegion(constraint string) string {
	switch constraint {
	case "":
		return "us-east-1"
	case "EU":
		return "eu-west-1"
	}
	return constraint
}

// BlocksOf returns the settings of a public access block as [Bucket.Blocks] holds
// them.
func BlocksOf(blockACLs, ignoreACLs, blockPolicy, restrict bool) string {
	var list []string
	for i, name := range strings.Split(AllBlocks, ",") {
		if []bool{blockACLs, ignoreACLs, blockPolicy, restrict}[i] {
			list = append(list, name)
		}
	}
	if list == nil {
		return "none"
	}
	return strings.Join(list, ",")
}
