// Runs a TensorFlow.js graph model on values from a file; see tfjs_agreement.py.
//
//     node tfjs_agreement.mjs MODEL.json VALUES.bin SHAPE DTYPE OUT.json
import fs from 'node:fs';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';

const [model, values, shape, dtype, out] = process.argv.slice(2);
const content = JSON.parse(fs.readFileSync(model, 'utf8'));
const specs = content.weightsManifest.flatMap((group) => group.weights);
const files = content.weightsManifest.flatMap((group) => group.paths);
const data = Buffer.concat(files.map((name) => fs.readFileSync(path.join(path.dirname(model), name))));
const artifacts = {
  ...content,
  weightSpecs: specs,
  weightData: data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength),
};

await tf.setBackend('cpu');
const graph = await tf.loadGraphModel({ load: async () => artifacts });
const raw = fs.readFileSync(values);
const numbers = new Float32Array(raw.buffer.slice(raw.byteOffset, raw.byteOffset + raw.byteLength));
const input = tf.tensor(numbers, shape.split(',').map(Number), dtype);
const answers = await graph.executeAsync(input);
const results = (Array.isArray(answers) ? answers : [answers]).map((answer) => ({
  shape: answer.shape,
  values: Array.from(answer.dataSync()),
}));
fs.writeFileSync(out, JSON.stringify(results));
