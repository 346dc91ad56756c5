// SPDX-License-Identifier: MIT
// node.mjs DIR URL -- AWS's client of Cloud Map for JavaScript, for node.py: calls what each line of stdin says,
// {"command": ..., "input": ...}, and writes a line of JSON: the answer, or the error's name, and the host asked.
// DIR: where npm has put the client. URL: of the API.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const [dir, endpoint] = process.argv.slice(2);
const sdk = createRequire(dir + "/")("@aws-sdk/client-servicediscovery");

async function call(client, { command, input }) {
	const said = {};
	const operation = new sdk[command + "Command"](input);
	// Last before it is signed: by then a prefix has been put before the host's name.
	operation.middlewareStack.add((next) => (args) => {
		said.host = args.request.hostname;
		return next(args);
	}, { step: "build", priority: "low" });
	try {
		said.answer = await client.send(operation);
		delete said.answer.$metadata;
	} catch (error) {
		said.error = error.name;
		said.message = String(error.message);
	}
	return said;
}

const client = new sdk.ServiceDiscoveryClient({ endpoint, region: "eu-central-1", maxAttempts: 1 });
for await (const line of createInterface({ input: process.stdin }))
	console.log(JSON.stringify(await call(client, JSON.parse(line))));
client.destroy();
