package awsfake

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// A Service answers for one AWS service.
type Service struct {
	Name      string   // as requests are signed for it and IAM names its actions: "ec2"
	Prefix    string   // as IAM names its actions, where that is another name: "tag" of "tagging"
	Protocol  Protocol // of the wire
	Namespace string   // of the XML protocols: "http://ec2.amazonaws.com/doc/2016-11-15/"
	Bare      bool     // REST-XML: errors stand alone in the document, as those of S3 do
	// Operations answer, by the name of the API's operation.
	Operations map[string]Operation
	// Routes name the operation of a path, for the REST protocols, as patterns of
	// [http.ServeMux]: "GET /2013-04-01/hostedzone/{Id}".
	Routes map[string]string
	// Route names the operation in place of Routes, where a path does not say it.
	Route func(*http.Request) string
	Date  time.Time // of every answer; zero: none within the process, now over the wire
}

// A Response is an answer that an operation writes itself, where the protocol
// has no document for it: what S3 holds.
type Response struct {
	Status int // zero: 200
	Header http.Header
	Body   []byte
}

// An Operation answers one call. What it returns is marshalled by encoding/xml
// or encoding/json, as the protocol asks, and wrapped as the protocol wraps it;
// an [*Error] becomes the protocol's error, any other error InternalError.
type Operation func(Request) (any, error)

// An Error is an error as AWS answers it.
type Error struct {
	Status  int // of HTTP
	Code    string
	Message string
}

func (e *Error) Error() string { return e.Code + ": " + e.Message }

// Errorf returns an error of status 400.
func Errorf(code, format string, args ...any) *Error {
	return &Error{http.StatusBadRequest, code, fmt.Sprintf(format, args...)}
}

// A Request is what an operation is asked.
type Request struct {
	Action   string
	Params   url.Values    // of the query protocols
	Body     []byte        // of the others
	HTTP     *http.Request // its PathValue holds what a route's pattern names
	PageSize int           // no page may hold more; zero: as the client asks
	Stale    bool          // answer from the state before the last change
}

// List returns the values of Name.1, Name.2 and so on.
func (r Request) List(name string) []string {
	var values []string
	for i := 1; ; i++ {
		key := name + "." + strconv.Itoa(i)
		if !r.Params.Has(key) {
			return values
		}
		values = append(values, r.Params.Get(key))
	}
}

// Filters returns the values of Filter.1, Filter.2 and so on, by name.
func (r Request) Filters() map[string][]string {
	filters := map[string][]string{}
	for i := 1; ; i++ {
		prefix := "Filter." + strconv.Itoa(i)
		name := r.Params.Get(prefix + ".Name")
		if name == "" {
			return filters
		}
		filters[name] = append(filters[name], r.List(prefix+".Value")...)
	}
}

// Token is the page token that a page from item n on has. It is opaque to
// clients and names the action, so that a token of another listing is refused.
func (r Request) Token(n int) string {
	return base64.RawURLEncoding.EncodeToString([]byte(r.Action + " " + strconv.Itoa(n)))
}

// Page returns the items from start to end, which stand on the page that token
// asks for, of a listing of total items, and the token of the next page, empty
// on the last. Pages hold at most size items; zero means that there is one page.
func (r Request) Page(token string, size, total int) (start, end int, next string, err error) {
	if token != "" {
		text, _ := base64.RawURLEncoding.DecodeString(token)
		action, n, _ := strings.Cut(string(text), " ")
		if start, err = strconv.Atoi(n); err != nil || action != r.Action || start < 0 || start > total {
			return 0, 0, "", Errorf("InvalidNextToken", "the token %q is not one of %s", token, r.Action)
		}
	}
	if r.PageSize > 0 && (size == 0 || r.PageSize < size) {
		size = r.PageSize
	}
	if size == 0 || start+size >= total {
		return start, total, "", nil
	}
	return start, start + size, r.Token(start + size), nil
}

// request reads the action and the parameters of a request, and returns the
// zero value where the service has no such action.
func (s Service) request(r *http.Request, body []byte) Request {
	request := Request{Body: body, HTTP: r}
	switch s.Protocol {
	case EC2Query, Query:
		params, err := url.ParseQuery(string(body))
		if err != nil {
			return Request{}
		}
		request.Params, request.Action = params, params.Get("Action")
	case JSON10, JSON11:
		_, request.Action, _ = strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	case RESTXML, RESTJSON:
		if s.Route != nil {
			request.Action = s.Route(r)
			break
		}
		mux := http.NewServeMux()
		for pattern, action := range s.Routes {
			mux.HandleFunc(pattern, func(_ http.ResponseWriter, r *http.Request) {
				request.Action, request.HTTP = action, r
			})
		}
		mux.ServeHTTP(discard{}, r)
	}
	if _, known := s.Operations[request.Action]; !known && s.Protocol >= RESTXML {
		return Request{}
	}
	return request
}

// discard takes the answers of a ServeMux that is asked for a route only.
type discard struct{}

func (discard) Header() http.Header         { return http.Header{} }
func (discard) Write(p []byte) (int, error) { return len(p), nil }
func (discard) WriteHeader(int)             {}
