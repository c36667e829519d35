package install

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	ec2sdk "github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/examples/preflight/cluster"
	"github.com/groundway-sdk/groundway/network/awsnetwork"
	"github.com/groundway-sdk/groundway/network/plan"
	"github.com/groundway-sdk/groundway/sshkeys"
	"github.com/groundway-sdk/groundway/sshkeys/awssshkeys"
)

// Network plans the VPC of a spec with cidr, or names the one that is there: the
// verdict says whether it will do.
//
// It returns the ID of the VPC, or "" and one that stands for it.
func (j *Job) Network() (id, standIn string) {
	j.Section("Network")
	n := j.Spec.Network
	if !n.New() {
		j.Line('=', "VPC %s, with %d subnets of controllers and %d of workers: the verdict is below", n.VPC, len(n.ControllerSubnets), len(n.WorkerSubnets))
		return n.VPC, n.VPC
	}
	if !j.Snapshot.Network.VPCs.Seen {
		j.Line('?', "VPC %s: of the account nothing was seen, so that it is not known what an earlier run made", n.CIDR)
		j.Unseen("network", errors.New("plan network: of the account nothing was seen"))
		return "", "vpc-" + noHyphen(j.Spec.Cluster)
	}
	p, err := cluster.PlanNetwork(j.Spec, j.Snapshot)
	if err != nil {
		j.Line('!', "%v", err)
		j.Block("network", err)
		return "", "vpc-" + noHyphen(j.Spec.Cluster)
	}
	j.Diff(p.String())
	j.Find(p.Findings...)
	j.invented = p.Missing() > 0
	j.After(func(spec *cluster.Spec, s *cluster.Snapshot) {
		*spec, *s = cluster.WithNetwork(*spec, *s, p)
	})
	if err := p.Err(); err != nil {
		j.Refuse(err)
	}
	if !p.Empty() {
		j.Do(Step{Title: fmt.Sprintf("the VPC %s", p.VPC.CIDR), Do: j.applyNetwork(p)})
	}
	return p.VPC.ID, "vpc-" + noHyphen(j.Spec.Cluster)
}

// noHyphen makes the part of an ID that stands for one.
func noHyphen(cluster string) string {
	name := strings.ReplaceAll(cluster, "-", "")
	return name[:min(len(name), 17)]
}

func (j *Job) applyNetwork(p plan.Plan) func(context.Context, aws.Config, func(string)) (string, error) {
	return func(ctx context.Context, cfg aws.Config, progress func(string)) (string, error) {
		done, err := awsnetwork.Apply(ctx, ec2sdk.NewFromConfig(cfg), p, awsnetwork.ApplyOptions{
			Wait: j.wait,
			Progress: func(n awsnetwork.Progress) {
				progress(fmt.Sprintf("%d of %d, %s %s %s", n.Done, n.Total, n.Resource, n.ID, n.State))
			},
		})
		return fmt.Sprintf("%d things made in %s", len(done.Made), done.IDs["vpc/"]), err
	}
}

// KeyPair plans the key pair of the spec: of the public key that the spec has, or
// of one that is made with the files, where EC2 has no pair of the name.
func (j *Job) KeyPair() error {
	name, key := j.Spec.SSH.KeyName, j.Spec.SSH.PublicKey
	if name == "" {
		return nil
	}
	j.Section("Key pair")
	s := sshkeys.Snapshot{Observation: j.Snapshot.Observation, Parts: j.Snapshot.SSH}
	if key.IsZero() {
		_, _, _, exists := j.Files.read(keyFile)
		if compared := s.Compare(name, key); !exists && s.KeyPairs.Seen && compared.Verdict != sshkeys.Absent {
			j.Line('=', "key pair %s is there; the spec has no publicKey to compare it with", name)
			return nil
		}
		private, err := j.newKey(name)
		if err != nil {
			return err
		}
		key = private.Public()
		if !exists {
			j.Line('+', "key pair %s in EC2, of a new Ed25519 key in %s", name, keyFile)
			if !j.Keeping {
				j.Refuse(errors.New("a new key that is kept nowhere would be lost: want -out, or ssh.publicKey in the spec"))
			}
		}
	}
	p, err := sshkeys.PlanImport(s, name, key, sshkeys.PlanOptions{Region: j.Spec.Region, Owner: j.Spec.Cluster})
	if err != nil {
		return err
	}
	if len(j.sections[len(j.sections)-1].lines) == 0 {
		j.Diff(p.String())
	}
	if err := p.Err(); err != nil {
		j.Refuse(err)
	}
	j.After(func(spec *cluster.Spec, s *cluster.Snapshot) {
		spec.SSH.PublicKey = key
		if p.Import && s.SSH.KeyPairs.Seen {
			pair := sshkeys.KeyPair{Name: name, Type: key.Type().String(), Fingerprint: key.ImportFingerprint(), PublicKey: key.String()}
			s.SSH.KeyPairs.Items = append([]sshkeys.KeyPair{pair}, s.SSH.KeyPairs.Items...)
		}
	})
	if !p.Empty() {
		j.Do(Step{Title: fmt.Sprintf("the key pair %s", name), Do: func(ctx context.Context, cfg aws.Config, _ func(string)) (string, error) {
			made, err := awssshkeys.Apply(ctx, ec2sdk.NewFromConfig(cfg), p)
			return "imported as " + made.ID, err
		}})
	}
	return nil
}

const keyFile = "ssh/id_ed25519"

// newKey is the key of the files, or one that is made for them.
func (j *Job) newKey(name string) (key sshkeys.PrivateKey, err error) {
	comment := name + " of " + j.Spec.Cluster
	_, err = j.Files.Keep(keyFile, "private key of the key pair "+name,
		func(data []byte) (err error) {
			key, err = sshkeys.ParsePrivateKey(data, groundway.Secret{})
			return err
		},
		func() ([]byte, error) {
			if key, err = sshkeys.Generate(sshkeys.GenerateOptions{Comment: comment}); err != nil {
				return nil, err
			}
			text, err := key.OpenSSH(groundway.Secret{})
			return []byte(text.Reveal()), err
		})
	if err != nil {
		return key, err
	}
	public, err := key.Public().WithComment(comment)
	if err != nil {
		return key, err
	}
	j.Files.Put(keyFile+".pub", "public key of the key pair "+name, []byte(public.String()+"\n"))
	return key, nil
}
