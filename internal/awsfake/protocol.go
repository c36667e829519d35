package awsfake

import (
	"bytes"
	"cmp"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
)

// A Protocol is how a service writes its answers, see
// https://smithy.io/2.0/aws/protocols/index.html. The zero value is invalid.
type Protocol uint8

// The protocols.
const (
	EC2Query Protocol = 1 + iota
	Query             // IAM, STS
	JSON10
	JSON11
	RESTXML // Route 53, S3
	RESTJSON
)

// A refusal is an error code with its status.
type refusal struct {
	code   string
	status int
}

// refusals are the errors that mean the same in each protocol.
var refusals = map[Refusal]map[Protocol]refusal{
	Denied: {
		EC2Query: {"UnauthorizedOperation", http.StatusForbidden},
		Query:    {"AccessDenied", http.StatusForbidden},
		JSON10:   {"AccessDeniedException", http.StatusBadRequest},
		JSON11:   {"AccessDeniedException", http.StatusBadRequest},
		RESTXML:  {"AccessDenied", http.StatusForbidden},
		RESTJSON: {"AccessDeniedException", http.StatusForbidden},
	},
	Throttled: {
		EC2Query: {"RequestLimitExceeded", http.StatusServiceUnavailable},
		Query:    {"Throttling", http.StatusBadRequest},
		JSON10:   {"ThrottlingException", http.StatusBadRequest},
		JSON11:   {"ThrottlingException", http.StatusBadRequest},
		RESTXML:  {"Throttling", http.StatusBadRequest},
		RESTJSON: {"TooManyRequestsException", http.StatusTooManyRequests},
	},
}

// encoded stands where EC2 writes what it encoded about a denial.
const encoded = "Encoded authorization failure message: 4Xc0JGfT2fQ"

// RequestID is the request identifier of every answer.
const RequestID = "6f1c7a5e-0000-4000-8000-000000000000"

// answer asks the operation, or does what the fault says in its place.
func (s Service) answer(r Request, f Fault) answer {
	switch {
	case f.Body != nil:
		status := f.Status
		if status == 0 {
			status = http.StatusOK
		}
		return answer{status: status, header: http.Header{"Content-Type": {"text/xml"}}, body: []byte(*f.Body)}
	case f.Echo:
		token := r.HTTP.Header.Get("X-Amz-Security-Token")
		return s.fail(&Error{http.StatusBadRequest, AccessKeyID, r.HTTP.Header.Get("Authorization") + " " + token})
	case f.Error != nil:
		return s.fail(f.Error)
	case f.Refuse != 0:
		kind := refusals[f.Refuse][s.Protocol]
		return s.fail(&Error{kind.status, kind.code, "You are not authorized, or not now. " + encoded})
	}
	operation, known := s.Operations[r.Action]
	if !known {
		return s.fail(Errorf("InvalidAction", "the fake of %q has no action %q", s.Name, r.Action))
	}
	out, err := operation(r)
	if err == nil {
		var a answer
		if a, err = s.succeed(r.Action, out); err == nil {
			return a
		}
	}
	own, ok := errors.AsType[*Error](err)
	if !ok {
		own = &Error{http.StatusInternalServerError, "InternalError", err.Error()}
	}
	return s.fail(own)
}

// header returns what every answer carries.
func (s Service) header() http.Header {
	h := http.Header{"X-Amzn-Requestid": {RequestID}}
	if s.Bare {
		h = http.Header{"X-Amz-Request-Id": {RequestID}}
	}
	if !s.Date.IsZero() {
		h.Set("Date", s.Date.UTC().Format(http.TimeFormat))
	}
	return h
}

// succeed wraps what an operation returned.
func (s Service) succeed(action string, out any) (answer, error) {
	a := answer{status: http.StatusOK, header: s.header()}
	var err error
	if own, ok := out.(Response); ok {
		for name, values := range own.Header {
			a.header[name] = values
		}
		a.status, a.body = cmp.Or(own.Status, http.StatusOK), own.Body
		return a, nil
	}
	switch s.Protocol {
	case EC2Query:
		a.header.Set("Content-Type", "text/xml;charset=UTF-8")
		a.body, err = document(s.Namespace, action+"Response", "<requestId>"+RequestID+"</requestId>", out)
	case Query:
		a.header.Set("Content-Type", "text/xml")
		var result []byte
		if result, err = element(action+"Result", "", out); err == nil {
			a.body, err = document(s.Namespace, action+"Response",
				string(result)+"<ResponseMetadata><RequestId>"+RequestID+"</RequestId></ResponseMetadata>", nil)
		}
	case RESTXML:
		a.header.Set("Content-Type", "text/xml")
		if out != nil {
			a.body, err = document(s.Namespace, action+"Response", "", out)
		}
	case JSON10, JSON11, RESTJSON:
		a.header.Set("Content-Type", jsonTypes[s.Protocol])
		a.body, err = json.Marshal(out)
	default:
		err = fmt.Errorf("service %q has no protocol", s.Name)
	}
	return a, err
}

var jsonTypes = map[Protocol]string{
	JSON10:   "application/x-amz-json-1.0",
	JSON11:   "application/x-amz-json-1.1",
	RESTJSON: "application/json",
}

// document writes a root element that holds first, and then the fields of the
// struct v, without an element for v itself.
func document(namespace, root, first string, v any) ([]byte, error) {
	inner := []byte(first)
	if v != nil {
		fields, err := element("fields", "", v)
		if err != nil {
			return nil, err
		}
		fields = bytes.TrimSuffix(bytes.TrimPrefix(fields, []byte("<fields>")), []byte("</fields>"))
		inner = append(inner, fields...)
	}
	body, err := element(root, namespace, struct {
		Inner []byte `xml:",innerxml"`
	}{inner})
	return append([]byte(xml.Header), body...), err
}

func element(name, namespace string, v any) ([]byte, error) {
	if v == nil {
		v = struct{}{}
	}
	var b bytes.Buffer
	enc := xml.NewEncoder(&b)
	start := xml.StartElement{Name: xml.Name{Space: namespace, Local: name}}
	if err := enc.EncodeElement(v, start); err != nil {
		return nil, err
	}
	return b.Bytes(), enc.Close()
}

// fail writes an error.
func (s Service) fail(e *Error) answer {
	a := answer{status: e.Status, header: s.header()}
	code, message := escaped(e.Code), escaped(e.Message)
	switch s.Protocol {
	case EC2Query:
		a.header.Set("Content-Type", "text/xml;charset=UTF-8")
		a.body = []byte(xml.Header + "<Response><Errors><Error><Code>" + code + "</Code><Message>" + message +
			"</Message></Error></Errors><RequestID>" + RequestID + "</RequestID></Response>")
	case Query, RESTXML:
		a.header.Set("Content-Type", "text/xml")
		inner := "<Code>" + code + "</Code><Message>" + message + "</Message>"
		if s.Bare {
			a.body = []byte(xml.Header + "<Error>" + inner + "<RequestId>" + RequestID + "</RequestId></Error>")
			break
		}
		a.body = []byte(xml.Header + `<ErrorResponse xmlns="` + escaped(s.Namespace) + `"><Error><Type>Sender</Type>` + inner +
			"</Error><RequestId>" + RequestID + "</RequestId></ErrorResponse>")
	case JSON10, JSON11:
		a.header.Set("Content-Type", jsonTypes[s.Protocol])
		a.body, _ = json.Marshal(map[string]string{"__type": "com.amazonaws." + s.Name + "#" + e.Code, "message": e.Message})
	default:
		a.header.Set("Content-Type", jsonTypes[RESTJSON])
		a.header.Set("X-Amzn-Errortype", e.Code)
		a.body, _ = json.Marshal(map[string]string{"message": e.Message})
	}
	return a
}

func escaped(text string) string {
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(text))
	return b.String()
}
