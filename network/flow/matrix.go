package flow

import "github.com/groundway-sdk/groundway/network"

// A Role is a side of a flow of a profile.
type Role string

// The roles of hosts.
const (
	RoleController     Role = "controllers"
	RoleWorker         Role = "workers"
	RoleLoadBalancer   Role = "load balancers"    // in the subnets of the controllers
	RoleControlPlane   Role = "EKS control plane" // the interfaces that EKS puts into the subnets of the controllers
	RoleJumpHost       Role = "jump host"         // in the subnet of that name
	RoleFileSystem     Role = "file system"       // the mount targets
	RoleInternet       Role = "internet"          //
	RolePrivateNetwork Role = "private network"   // from which an internal cluster is used
)

// A Flow is traffic without which a cluster does not work.
type Flow struct {
	From, To Role
	Traffic  Traffic
	Why      string // what uses it: "the kubelet"
}

func tcpFlow(from, to Role, ports Ports, why string) Flow {
	return Flow{from, to, Traffic{Protocol: "tcp", Ports: ports}, why}
}

func udpFlow(from, to Role, port uint16, why string) Flow {
	return Flow{from, to, Traffic{Protocol: "udp", Ports: Port(port)}, why}
}

// Flows returns the flows of a profile. They are the ports that its installer,
// or its documentation, opens:
//
//   - tectonic: the security groups that the Tectonic installer makes on AWS
//     (kubelet 10250 and 10255, cAdvisor 4194, node exporter 9100, VXLAN 4789,
//     etcd 2379 and 2380), and its two load balancers on 443, one to the API
//     server of the controllers and one to the console on ports 32000 to 32002
//     of the workers;
//   - elastic: SSH from the internet to the jump host and from there to the
//     nodes, NFS from the workers to the file system, and what kubeadm's
//     clusters need among nodes;
//   - eks: https://docs.aws.amazon.com/eks/latest/userguide/sec-group-reqs.html;
//   - kubeadm: https://kubernetes.io/docs/reference/networking/ports-and-protocols/.
//
// Every node reaches the internet on port 443, where images and the APIs of AWS
// are. The ports of a network plugin of the user's choice are not among them.
func Flows(p network.Profile, t network.Topology) []Flow {
	var list []Flow
	users := RoleInternet
	if t == network.TopologyInternal {
		users = RolePrivateNetwork
	}
	nodes := []Role{RoleController, RoleWorker}
	switch p {
	case network.ProfileTectonic:
		list = append(list,
			tcpFlow(users, RoleLoadBalancer, Port(443), "the API server and the console are used through two load balancers"),
			tcpFlow(RoleLoadBalancer, RoleController, Port(443), "a load balancer passes on to the API server"),
			tcpFlow(RoleLoadBalancer, RoleWorker, Ports{32000, 32002}, "a load balancer passes on to the console"),
			tcpFlow(RoleWorker, RoleController, Port(443), "the kubelet calls the API server"),
			tcpFlow(RoleController, RoleController, Ports{2379, 2380}, "the API server and the members call etcd"),
		)
		for _, from := range nodes {
			for _, to := range nodes {
				list = append(list,
					tcpFlow(from, to, Port(4194), "metrics of containers are read"),
					tcpFlow(from, to, Port(9100), "metrics of nodes are read"),
					tcpFlow(from, to, Port(10250), "the kubelet is called"),
					tcpFlow(from, to, Port(10255), "the kubelet's read-only port is called"),
					vxlan(from, to, 4789),
				)
			}
		}
	case network.ProfileElastic:
		list = append(list,
			tcpFlow(RoleInternet, RoleJumpHost, Port(22), "people log in to the jump host"),
			tcpFlow(RoleJumpHost, RoleController, Port(22), "people log in to the master node"),
			tcpFlow(RoleJumpHost, RoleWorker, Port(22), "people log in to the workers"),
			tcpFlow(RoleWorker, RoleFileSystem, Port(2049), "workers mount the file system"),
			tcpFlow(RoleWorker, RoleController, Port(6443), "the kubelet calls the API server"),
			tcpFlow(RoleController, RoleWorker, Port(10250), "the API server calls the kubelet"),
		)
	case network.ProfileEKS:
		list = append(list,
			tcpFlow(RoleWorker, RoleControlPlane, Port(443), "the kubelet calls the API server"),
			tcpFlow(RoleControlPlane, RoleWorker, Port(10250), "the API server calls the kubelet"),
			tcpFlow(RoleWorker, RoleWorker, Port(10250), "metrics are read off the kubelet"),
			tcpFlow(RoleWorker, RoleWorker, Port(53), "CoreDNS is asked"),
			udpFlow(RoleWorker, RoleWorker, 53, "CoreDNS is asked"),
		)
	case network.ProfileKubeadm:
		list = append(list,
			tcpFlow(users, RoleLoadBalancer, Port(6443), "the API server is used through a load balancer"),
			tcpFlow(RoleLoadBalancer, RoleController, Port(6443), "a load balancer passes on to the API server"),
			tcpFlow(RoleController, RoleController, Port(6443), "controllers call the API server"),
			tcpFlow(RoleWorker, RoleController, Port(6443), "the kubelet calls the API server"),
			tcpFlow(RoleController, RoleController, Ports{2379, 2380}, "the API server and the members call etcd"),
			tcpFlow(RoleController, RoleController, Port(10250), "the API server calls the kubelet"),
			tcpFlow(RoleController, RoleWorker, Port(10250), "the API server calls the kubelet"),
			tcpFlow(RoleLoadBalancer, RoleWorker, Ports{30000, 32767}, "load balancers pass on to services"),
		)
	}
	for _, node := range nodes {
		if p == network.ProfileEKS && node == RoleController {
			continue // the control plane is not the account's
		}
		list = append(list, tcpFlow(node, RoleInternet, Port(443), "nodes fetch images and call the APIs of AWS"))
	}
	return list
}

func vxlan(from, to Role, port uint16) Flow {
	f := udpFlow(from, to, port, "packets of pods travel in VXLAN")
	f.Traffic.OneWay = true
	return f
}

// places returns the places of the roles for the options.
func places(o network.Options) map[Role]Place {
	public := o.Topology == network.TopologyPublic && o.Profile != network.ProfileElastic
	p := map[Role]Place{
		RoleController:     {Name: "the controllers", Subnets: o.ControllerSubnets, Groups: o.ControllerGroups, PublicIP: public},
		RoleWorker:         {Name: "the workers", Subnets: o.WorkerSubnets, Groups: o.WorkerGroups},
		RoleLoadBalancer:   {Name: "the load balancers", Subnets: o.ControllerSubnets, PublicIP: public, Ephemeral: ephemeralPorts},
		RoleControlPlane:   {Name: "the control plane", Subnets: o.ControllerSubnets, Groups: o.ControllerGroups, Ephemeral: ephemeralPorts},
		RoleInternet:       {Name: "the internet", Internet: true},
		RolePrivateNetwork: {Name: "the private network", Addresses: o.PrivateNetworks},
		RoleFileSystem:     {Name: "the file system", Subnets: o.FileSystemSubnets, Groups: o.FileSystemGroups},
		RoleJumpHost:       {Name: "the jump host", Groups: o.JumpHostGroups, PublicIP: true},
	}
	if o.JumpHostSubnet != "" {
		jump := p[RoleJumpHost]
		jump.Subnets = []string{o.JumpHostSubnet}
		p[RoleJumpHost] = jump
	}
	return p
}
