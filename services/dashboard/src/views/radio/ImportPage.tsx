import type { Device } from '@sconce/protocol/http';
import { linesIn, type ImportResult } from '@sconce/protocol/radio-api';
import { limits } from '@sconce/protocol/limits';
import { useState } from 'preact/hooks';
import { importOutlets } from '../../api/calls.ts';
import { Failure } from '../../api/client.ts';
import { Button, ButtonLink } from '../../design/Button.tsx';
import { Form, TextArea } from '../../design/Field.tsx';
import { Note, Page } from '../../design/Page.tsx';
import { announce } from '../../state/announce.ts';
import { devices } from '../../state/devices.ts';
import { paths } from '../../state/router.ts';
import { useAction } from '../action.ts';
import { find, Gone } from '../OutletPages.tsx';
import { importWords } from '../words/import.ts';
import { ImportLines } from './ImportLines.tsx';
import './radio.css';

/** Outlets from what people have already: looked at first, then taken in as a whole. */
export function ImportPage({ board }: { board: string }) {
  const device = find(devices.value, board);
  return device?.adopted ? <Importing key={device.id} device={device} /> : <Gone what="board" />;
}

function Importing({ device }: { device: Device }) {
  const [text, setText] = useState('');
  const [result, setResult] = useState<ImportResult>();
  const working = useAction();
  const change = (next: string) => {
    setText(next);
    setResult(undefined);
  };
  const ask = (check: boolean) => void working.run(async () => {
    if (text.trim() === '') throw wrong('Paste something, or choose a file.');
    if (linesIn(text) > limits.importLines) {
      throw wrong(`That is more than ${limits.importLines} lines. Import it in parts.`);
    }
    if (new Blob([text]).size > limits.requestBytes * 0.9) throw wrong('That is too much for one time. Import it in parts.');
    const next = await importOutlets(device.id, text, check);
    setResult(next);
    announce(importWords(next));
  });
  const good = result !== undefined && result.lines.length > 0 && result.lines.every((line) => line.outlet);
  return (
    <Page title="Import outlets" narrow back={{ href: paths.newOutlet(device.id, 'codes'), label: 'I have its codes' }}
      lede={`${device.name ?? 'The board'} will switch them. Nothing is taken in before you have seen it.`}>
      {!result?.imported && (
        <Form onSubmit={() => ask(true)} error={working.failure?.detail}>
          <TextArea label="One outlet per line" value={text} onInput={change}
            hint={`Codes of rc-switch, Tasmota’s RfCode and RfRaw, or OpenMQTTGateway’s JSON. Up to ${limits.importLines} lines.`} />
          <FileField onText={change} onWrong={(words) => void working.run(() => Promise.reject(wrong(words)))} />
          <Button kind={good ? 'plain' : 'main'} wide type="submit" busy={working.busy}>
            {working.busy ? 'Looking…' : 'Look through it'}
          </Button>
        </Form>
      )}
      {result && <ImportLines result={result} />}
      {result && good && !result.imported && (
        <Button kind="main" wide busy={working.busy} onClick={() => ask(false)}>
          {working.busy ? 'Importing…' : `Import ${result.lines.length === 1 ? 'it' : `all ${result.lines.length}`}`}
        </Button>
      )}
      {result && !good && <Note>All lines come in together or none does. Mend or remove those that are refused, and look again.</Note>}
      {result?.imported && <ButtonLink kind="main" wide href={paths.home}>Go to the lamps</ButtonLink>}
    </Page>
  );
}

const wrong = (detail: string) => new Failure({ code: 'invalid_request', status: 0, detail });

/** Nobody's file of codes is larger. */
const fileMost = 1_000_000;

function FileField({ onText, onWrong }: { onText: (text: string) => void; onWrong: (words: string) => void }) {
  return (
    <label class="button file-field" data-wide>
      <input class="visually-hidden" type="file" accept=".txt,.csv,.json,text/plain,application/json"
        onChange={(event) => {
          const [file] = event.currentTarget.files ?? [];
          // So that the same file can be chosen again once it was mended.
          event.currentTarget.value = '';
          if (!file) return;
          if (file.size > fileMost) onWrong('That file is too large to be a list of codes.');
          else file.text().then(onText, () => onWrong('That file could not be read.'));
        }} />
      Choose a file
    </label>
  );
}
