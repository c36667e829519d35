package layering

// A kind says which of the general rules hold for a package.
type kind int

const (
	// pure packages do no I/O: they import the standard library, the root, and
	// what their family names. Neither they nor their tests reach an SDK.
	pure kind = iota + 1
	// adapters translate between their parent and one AWS service.
	adapter
	// support packages stand under internal and serve adapters and their tests.
	support
	// examples are programs: they may import everything, and only they load
	// credentials or import each other.
	example
)

// A family is a set of packages under one rule.
type family struct {
	packages []string // relative to the module: "network", "network/..." for all that is below it, "" for the root
	kind     kind
	may      []string // what they import beside the standard library and the root, as in packages or as a foreign path
	testMay  []string // what their tests import beside that, testify and the pure packages
	why      string
}

// adapterMay is what every adapter may import beside its parent.
var adapterMay = []string{
	"internal/...",
	"github.com/aws/aws-sdk-go-v2/aws/...", // the types that the signatures of every client name
	"github.com/aws/aws-sdk-go-v2/service/...",
	"github.com/aws/smithy-go/...",
	"golang.org/x/sync/...",
}

// families holds every package of the module, those to come included. The
// first family that names a package is its own.
var families = []family{
	{
		packages: []string{""}, kind: pure,
		testMay: []string{"go.yaml.in/yaml/v3"},
		why:     "the vocabulary is in every build; its tests encode a Secret as YAML",
	},
	{
		packages: []string{"network/awsnetwork"}, kind: adapter,
		may: []string{"network", "network/plan"},
		why: "an adapter knows its parent and the SDK",
	},
	{
		packages: []string{"network/awsnetwork/awsnetworktest"}, kind: adapter,
		may: []string{"network", "network/awsnetwork", "network/networktest"},
		why: "it stands in for AWS behind its adapter's own interface",
	},
	{
		packages: []string{"network/awscli"}, kind: pure,
		may: []string{"network", "internal/dump", "go4.org/netipx"},
		why: "directories of AWS CLI output are read by one reader, whatever package they serve",
	},
	{
		packages: []string{"network"}, kind: pure,
		may: []string{"internal/standin", "go4.org/netipx"},
		why: "sets of addresses, exactly partitioned",
	},
	{
		packages: []string{"network/capacity/awscli"}, kind: pure,
		may: []string{"network", "network/capacity", "internal/dump"},
		why: "directories of AWS CLI output are read by one reader, whatever package they serve",
	},
	{
		packages: []string{"network/capacity"}, kind: pure,
		may: []string{"network", "network/plan"},
		why: "what a plan will take is held against what the account has",
	},
	{
		packages: []string{"network/capacity/awscapacity"}, kind: adapter,
		may: []string{"network/capacity"},
		why: "an adapter knows its parent and the SDK",
	},
	{
		packages: []string{"network/capacity/awscapacity/awscapacitytest"}, kind: adapter,
		may: []string{"network", "network/capacity", "network/capacity/awscapacity"},
		why: "it stands in for AWS behind its adapter's own interface",
	},
	{
		packages: []string{"network/..."}, kind: pure,
		may: []string{"network", "go4.org/netipx"},
		why: "what is below network speaks of its snapshot",
	},
	{
		packages: []string{"iam/awsiam"}, kind: adapter,
		may: []string{"iam"},
		why: "an adapter knows its parent and the SDK",
	},
	{
		packages: []string{"iam/awscalls"}, kind: adapter,
		may: []string{"iam"},
		why: "middleware for the clients of every service, which names none of them: it is apart from awsiam so that who records calls of one service compiles no other",
	},
	{
		packages: []string{"iam/awsprobe"}, kind: adapter,
		may: []string{"iam"},
		why: "an adapter knows its parent and the SDK; it is apart from awsiam because EC2's client takes a minute to compile",
	},
	{
		packages: []string{"iam/awsresource"}, kind: adapter,
		may: []string{"iam", "iam/resource"},
		why: "an adapter knows its parent and the SDK",
	},
	{
		packages: []string{"iam/awsiam/awsiamtest"}, kind: adapter,
		may: []string{"iam", "iam/awsiam"},
		why: "it stands in for AWS behind its adapter's own interface",
	},
	{
		packages: []string{"iam/awsresource/awsresourcetest"}, kind: adapter,
		may: []string{"iam", "iam/resource", "iam/awsresource"},
		why: "it stands in for AWS behind its adapter's own interface",
	},
	{
		packages: []string{"iam/awscli"}, kind: pure,
		may: []string{"iam", "iam/resource", "internal/dump"},
		why: "directories of AWS CLI output are read by one reader, whatever package they serve",
	},
	{
		packages: []string{"iam"}, kind: pure,
		may: []string{"internal/editdistance", "internal/standin"},
		why: "policies are text: a caller who builds one pays for nothing else",
	},
	{
		packages: []string{"iam/presets", "iam/presets/..."}, kind: pure,
		may: []string{"iam", "iam/action/...", "iam/catalog"},
		why: "presets are written with the constants and proved against the catalogue",
	},
	{
		packages: []string{"iam/resource/resourcetest"}, kind: pure,
		may: []string{"iam", "iam/resource"},
		why: "snapshots to start tests from speak of their parent",
	},
	{
		packages: []string{"iam/resource"}, kind: pure,
		may: []string{"iam", "internal/standin"},
		why: "what a cluster names is judged by the policies about it",
	},
	{
		packages: []string{"iam/catalog", "iam/action/..."}, kind: pure,
		may: []string{"iam"},
		why: "they implement or use what iam declares",
	},
	{
		packages: []string{"pki/awskms/awskmstest"}, kind: adapter,
		may: []string{"pki", "pki/awskms"},
		why: "it stands in for AWS behind its adapter's own interface",
	},
	{
		packages: []string{"pki/awskms"}, kind: adapter,
		may: []string{"pki"},
		why: "an adapter knows its parent and the SDK",
	},
	{
		packages: []string{"pki"}, kind: pure,
		why: "the standard library issues and verifies certificates",
	},
	{
		packages: []string{"identity/awscli"}, kind: pure,
		may: []string{"identity", "identity/oidc", "internal/dump"},
		why: "directories of AWS CLI output are read by one reader, whatever package they serve",
	},
	{
		packages: []string{"identity/awsidentity/awsidentitytest"}, kind: adapter,
		may: []string{"iam", "identity", "identity/oidc", "identity/awsidentity"},
		why: "it stands in for AWS behind its adapter's own interface",
	},
	{
		packages: []string{"identity/awsidentity"}, kind: adapter,
		may: []string{"iam", "identity", "identity/oidc"},
		why: "an adapter knows its parent and the SDK; trust and bucket policies are read and written by iam",
	},
	{
		packages: []string{"identity/failure"}, kind: pure,
		may: []string{"identity", "identity/dex", "identity/apiserver", "pki", "internal/verdict"},
		why: "what breaks when follows from the configurations of both sides",
	},
	{
		packages: []string{"identity/oidc"}, kind: pure,
		may: []string{
			"identity", "identity/jenkinsx", "iam", "pki", "internal/yamltext",
			"go.yaml.in/yaml/v3", "github.com/go-jose/go-jose/v4/...",
		},
		why: "roles follow from the table of service accounts that Jenkins X names",
	},
	{
		packages: []string{"identity", "identity/..."}, kind: pure,
		may: []string{
			"identity", "iam", "pki", "internal/yamltext", "internal/verdict",
			"go.yaml.in/yaml/v3", "golang.org/x/crypto/bcrypt", "github.com/go-jose/go-jose/v4/...",
		},
		why: "identity joins trust documents, certificates and YAML files whose positions it reports",
	},
	{
		packages: []string{"sshkeys/awscli"}, kind: pure,
		may: []string{"sshkeys", "internal/dump"},
		why: "directories of AWS CLI output are read by one reader, whatever package they serve",
	},
	{
		packages: []string{"sshkeys/awssshkeys/awssshkeystest"}, kind: adapter,
		may: []string{"sshkeys", "sshkeys/awssshkeys"},
		why: "it stands in for AWS behind its adapter's own interface",
	},
	{
		packages: []string{"sshkeys/awssshkeys"}, kind: adapter,
		may: []string{"sshkeys"},
		why: "an adapter knows its parent and the SDK",
	},
	{
		packages: []string{"sshkeys"}, kind: pure,
		may: []string{"internal/standin", "golang.org/x/crypto/ssh"},
		why: "the OpenSSH encoding of private keys has no other reader",
	},
	{
		packages: []string{"route53/awscli"}, kind: pure,
		may: []string{"route53", "internal/dump"},
		why: "directories of AWS CLI output are read by one reader, whatever package they serve",
	},
	{
		packages: []string{"route53/awsroute53/awsroute53test"}, kind: adapter,
		may: []string{"route53", "route53/awsroute53"},
		why: "it stands in for AWS behind its adapter's own interface",
	},
	{
		packages: []string{"route53/awsroute53"}, kind: adapter,
		may: []string{"route53"},
		why: "an adapter knows its parent and the SDK",
	},
	{
		packages: []string{"route53/resolver"}, kind: pure,
		may: []string{"route53", "github.com/miekg/dns"},
		why: "it speaks DNS with servers of its caller's choice",
	},
	{
		packages: []string{"route53/route53test"}, kind: pure,
		may: []string{"route53"},
		why: "what is below route53 speaks of its snapshot",
	},
	{
		packages: []string{"route53"}, kind: pure,
		may: []string{"internal/standin", "golang.org/x/net/idna", "golang.org/x/net/publicsuffix"},
		why: "names in other scripts, and where a registrar's domain ends",
	},
	{
		packages: []string{"internal/editdistance"}, kind: pure,
		why: "errors name the word that was meant by one measure",
	},
	{
		packages: []string{"internal/standin"}, kind: pure,
		why: "snapshots that are shown to others hide values in one way",
	},
	{
		packages: []string{"internal/dump"}, kind: pure,
		may: []string{"internal/editdistance"},
		why: "a reader of files that pure packages share",
	},
	{
		packages: []string{"internal/yamltext"}, kind: pure,
		may: []string{"internal/editdistance", "go.yaml.in/yaml/v3"},
		why: "a reader of files that pure packages share",
	},
	{
		packages: []string{"internal/verdict"}, kind: pure,
		may: []string{"internal/yamltext"},
		why: "what rules say of a configuration is recorded alike in all packages that judge one",
	},
	{
		packages: []string{"internal/dexrows", "internal/authnrows"}, kind: pure,
		why: "tables that tests here and end-to-end tests share",
	},
	{
		packages: []string{"internal/golden", "internal/layering"}, kind: pure,
		why: "every test may use them, so they bring nothing along",
	},
	{
		packages: []string{"internal/findingtest"}, kind: support,
		may: []string{"github.com/stretchr/testify/..."},
		why: "what is true of the findings of every check, for their tests",
	},
	{
		packages: []string{"internal/patience"}, kind: support,
		why: "adapters wait in one way for what AWS shows later",
	},
	{
		packages: []string{"internal/awserr"}, kind: support,
		may: []string{"github.com/aws/smithy-go/..."},
		why: "one table from AWS error codes to outcomes, for every adapter",
	},
	{
		packages: []string{"internal/awsfake/faulttest"}, kind: support,
		may: []string{"internal/awsfake", "github.com/aws/aws-sdk-go-v2/aws/...", "github.com/stretchr/testify/...", "go.uber.org/goleak"},
		why: "it drives every adapter through every fault, and looks for goroutines that are left",
	},
	{
		packages: []string{"internal/awsfake", "internal/awsfake/..."}, kind: support,
		may: []string{
			"internal/awsfake", "internal/awsfake/stsfake", "network", "network/capacity", "iam", "iam/resource", "pki", "identity", "sshkeys", "route53",
			"github.com/aws/aws-sdk-go-v2/aws/...", "github.com/aws/smithy-go/...",
		},
		why: "it answers from snapshots, and configures SDK clients without loading credentials",
	},
	{
		packages: []string{"internal/iamdata", "internal/iamdata/..."}, kind: support,
		may: []string{"internal/iamdata"},
		why: "it writes the data of iam/catalog from files, and no package imports it",
	},
	{
		packages: []string{"internal/api", "internal/findings"}, kind: support,
		may: []string{"network", "network/...", "iam", "iam/...", "pki", "identity", "identity/...", "sshkeys", "route53"},
		why: "they print what the packages export, and no package imports them",
	},
	{
		packages: []string{"examples/..."}, kind: example,
		why: "programs join everything",
	},
}

// A ban keeps packages out of everything that the members import, however
// indirectly.
type ban struct {
	members []string
	banned  []string // paths, or "third-party" for all modules but this one
	why     string
}

const thirdParty = "third-party"

var bans = []ban{
	{
		members: []string{"", "iam", "iam/catalog", "iam/action/...", "iam/presets", "iam/presets/...", "iam/resource"},
		banned:  []string{"net/http", "text/template", "html/template"},
		why:     "each of them doubles the binary of a program that only builds a policy",
	},
	{
		members: []string{"", "iam", "iam/catalog", "pki"},
		banned:  []string{thirdParty},
		why:     "importing them must add no line to the caller's go.sum",
	},
}

// topLevel is what may stand beside the Go files of the root package.
var topLevel = []string{
	"iam", "network", "pki", "identity", "sshkeys", "route53", "internal", "examples",
	"testdata", // the golden files of the root package
	"README.md", "DESIGN.md", "FINDINGS.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "LICENSE",
	"go.mod", "go.sum", ".ci", ".git", ".github", ".gitignore", ".golangci.yml",
}

// noNames are the names that say nothing about what a file holds.
var noNames = []string{"util", "utils", "type", "types", "helper", "helpers", "common", "misc"}
