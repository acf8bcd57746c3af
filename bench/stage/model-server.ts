import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ToolName } from './names.ts';

/** Input of a run: the tool to call, its item, and the number of turns. */
export function modelScript(tool: ToolName, item: string, calls = 1): string {
  return `${tool} ${item} ${calls}`;
}

type Request = { input: Array<{ role?: string; content?: unknown }>; previous_response_id?: string };

/**
 * A model that answers at once, because the model's time is not Holdpoint's. It is stateless: the id of a response
 * encodes the next one.
 */
export async function startModelServer(): Promise<{ url: string; close(): void }> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = JSON.stringify(reply(JSON.parse(Buffer.concat(chunks).toString()) as Request));
      response.writeHead(200, { 'content-type': 'application/json' }).end(body);
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    close: () => void (server.closeAllConnections(), server.close()),
  };
}

function reply({ input, previous_response_id: previous }: Request): object {
  const [tool = '', item = '', left = '0'] =
    previous === undefined
      ? contentText(input.at(-1)?.content).split(' ')
      : Buffer.from(previous.replace(/^resp_/, ''), 'hex')
          .toString()
          .split(' ');
  const id = `resp_${Buffer.from(`${tool} ${item} ${Number(left) - 1}`).toString('hex')}`;
  const output =
    Number(left) > 0
      ? {
          type: 'function_call',
          id: `fc_${id}`,
          call_id: `call_${left}`,
          name: tool,
          arguments: JSON.stringify({ item }),
          status: 'completed',
        }
      : {
          type: 'message',
          id: `msg_${id}`,
          role: 'assistant',
          status: 'completed',
          content: [{ type: 'output_text', text: 'Done.', annotations: [] }],
        };
  // OpenAI repeats the id. Without it Holdpoint takes the conversation for ignored and sends it again.
  return { id, object: 'response', status: 'completed', previous_response_id: previous ?? null, output: [output] };
}

function contentText(content: unknown): string {
  if (typeof content === 'string') return content;
  return (content as Array<{ text?: string }>).map(({ text }) => text ?? '').join('');
}
