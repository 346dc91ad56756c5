// SPDX-License-Identifier: MIT
// gateway.mjs DIR URL -- an API gateway, for picture 5: GET /VERSION is served by one of the healthy tasks that have
// registered with this version, found by AWS's client of Cloud Map. DIR: where npm has put the client. URL: of the API.
import { createServer } from "node:http";
import { createRequire } from "node:module";

const [dir, endpoint] = process.argv.slice(2);
const sdk = createRequire(dir + "/")("@aws-sdk/client-servicediscovery");
const client = new sdk.ServiceDiscoveryClient({ endpoint, region: "eu-central-1", maxAttempts: 1 });
const turns = {};

async function discover(version) {
	const found = await client.send(new sdk.DiscoverInstancesCommand({
		NamespaceName: "internal", ServiceName: "orders", HealthStatus: "HEALTHY", QueryParameters: { version },
	}));
	return found.Instances.sort((a, b) => (a.InstanceId < b.InstanceId ? -1 : 1));
}

createServer(async (request, response) => {
	try {
		const version = request.url.slice(1);
		const tasks = await discover(version);
		if (tasks.length === 0) {
			response.writeHead(404).end("nobody serves this version\n");
			return;
		}
		const turn = turns[version] = (turns[version] ?? -1) + 1;
		const { AWS_INSTANCE_IPV4: host, AWS_INSTANCE_PORT: port } = tasks[turn % tasks.length].Attributes;
		const answer = await fetch(`http://${host}:${port}/`);
		response.writeHead(answer.status).end(await answer.text());
	} catch (error) {
		response.writeHead(502).end(`${error}\n`);
	}
}).listen(80, () => console.log("ready"));
