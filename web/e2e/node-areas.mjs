// The pages on malware, rules, ATT&CK, lockdown, policies and recovery against the real node and agent. `node.test.mjs` runs them with
// the page that it has signed in; what they change stays in the test's own host and folder.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { accessible, shoot, silent } from './browser.mjs';

// EICAR's test string in two parts, so that this file is not one itself.
const standIn = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR', '-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'].join('');
const patient = { timeout: 90_000 };

/** `world()` gives `{ page, go, api, run, tamon }` once the page is signed in; `tamon` runs the command line, or is undefined. */
export function areas(check, world) {
  check('a scan on order runs on the host, and its finding stands among the detections', async () => {
    const { page, go } = world();
    const folder = await mkdtemp(join(tmpdir(), 'tamon-e2e-scan-'));
    try {
      await writeFile(join(folder, 'clean.txt'), 'nothing');
      await writeFile(join(folder, 'stand-in.com'), standIn);
      await go('/malware?tab=scans');
      await page.click('[data-testid=start-scan]');
      await page.fill('[data-testid=scan-paths]', folder);
      for (const box of await page.locator('[role=dialog] input[type=checkbox]').all()) await box.check();
      await page.fill('[role=dialog] textarea:not([data-testid])', 'The browser test: our own folder.');
      await page.click('[data-testid=confirm]');
      await page.waitForSelector('[data-testid=command][data-status=done]', patient);
      await page.keyboard.press('Escape');
      await page.waitForSelector('[data-testid=scan-job][data-state=done]', patient);
      const job = page.locator('[data-testid=scan-job]').first();
      assert.match(await job.innerText(), /2 files[\s\S]*1 detection/);
      await job.locator('summary').first().click();
      await job.locator('[data-testid=voices]').waitFor();
      await accessible(page, 'scans');
      await shoot(page, 'scans-en-dark');
      await go('/malware');
      await page.locator('[role=row][data-row]').first().click();
      await page.waitForSelector('[data-testid=explained] [data-testid=voices]');
      await accessible(page, 'malware');
      await shoot(page, 'malware-en-dark', { whole: true });
      await go('/malware?tab=scanners');
      await page.waitForSelector('[data-testid=scanner]');
      await accessible(page, 'scanners');
      await silent(page);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  check('a file comes back from the vault after its preview', async () => {
    const { page, go, tamon } = world();
    if (!tamon) return;
    const folder = await mkdtemp(join(tmpdir(), 'tamon-e2e-vault-'));
    const path = join(folder, 'stand-in.com');
    try {
      await writeFile(path, standIn);
      await tamon(['quarantine', 'add', path, '--reason', 'the browser test']);
      await go('/malware?tab=quarantine');
      await page.locator('main tbody tr', { hasText: path }).locator('button').click();
      await page.waitForSelector('[data-testid=preview] [data-testid=file-verdict]', patient);
      assert.match(await page.locator('[data-testid=preview]').innerText(), /Malicious/);
      await page.fill('[role=dialog] textarea', 'The browser test.');
      await page.click('[data-testid=confirm]');
      await page.waitForSelector('[data-testid=command][data-status=done]', patient);
      assert.equal(await readFile(path, 'utf8'), standIn);
      await page.keyboard.press('Escape');
      await silent(page);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  check('a rule is shown, tested on its own samples, and held against what is stored', async () => {
    const { page, go } = world();
    await go('/rules?kind=sigma');
    await page.locator('[role=row][data-row="0"]').click();
    await page.waitForURL('**/rules/*');
    await page.waitForSelector('[data-testid=rule-text]');
    await page.click('[data-testid=test-rule]');
    await page.waitForSelector('[data-testid=test-sum]');
    assert.notEqual(await page.getAttribute('[data-testid=test-sum]', 'data-hits'), '0', 'it finds its own samples');
    await page.click('[data-testid=backtest]');
    await page.waitForSelector('[data-testid=backtest-sum]', patient);
    await accessible(page, 'rule');
    await shoot(page, 'rule-en-dark', { whole: true });
    await silent(page);
  });

  check('a rule that is written here is held to what arrives, keeps its versions, and is taken off', async () => {
    const { page, go, api, run } = world();
    const mark = `tamon-e2e-${process.pid}`;
    await go('/rules/new');
    const begin = await page.inputValue('[data-testid=rule-text]');
    const id = /^id: (\S+)$/m.exec(begin)[1];
    const text = (level) => begin.replace("Image|endswith: /example\n    CommandLine|contains: --example", `CommandLine|contains: ${mark}`).replace('level: medium', `level: ${level}`);
    await page.fill('[data-testid=rule-text]', text('low'));
    await page.click('[data-testid=save-rule]');
    await page.fill('[data-testid=rule-name]', `${mark}.yml`);
    await page.fill('[role=dialog] textarea', 'The browser test.');
    await page.click('[data-testid=confirm]');
    await page.waitForURL(`**/rules/${id}`);
    await page.waitForSelector('[data-testid=versions] li');
    await page.fill('[data-testid=rule-text]', text('medium'));
    await page.click('[data-testid=save-rule]');
    await page.waitForSelector('[role=dialog] [data-testid=diff] .plus');
    await page.fill('[role=dialog] textarea', 'It matters more.');
    await page.click('[data-testid=confirm]');
    await page.waitForFunction(() => document.querySelectorAll('[data-testid=versions] > li').length === 2);
    await accessible(page, 'rule on the node');
    await shoot(page, 'rule-on-node-en-dark', { whole: true });
    await run('/bin/true', [mark]);
    for (let turn = 0; ; turn += 1) {
      const { items } = await api('/alerts?limit=50');
      if (items.some((alert) => alert.severity === 'medium' && alert.process_command_line?.includes(mark))) break;
      assert.ok(turn < 60, 'the rule tells of what arrives');
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    await page.click('[data-testid=remove-rule]');
    await page.fill('[role=dialog] textarea', 'The browser test is over.');
    await page.click('[data-testid=confirm]');
    await page.waitForSelector('[role=dialog]', { state: 'detached' });
    const { rule, versions } = await api(`/rules/node/${mark}.yml`);
    assert.equal(rule ?? null, null);
    assert.deepEqual(versions.map((one) => one.reason), ['The browser test is over.', 'It matters more.', 'The browser test.']);
    // The page asks for a rule that is gone: the browser tells of that answer on its console.
    page.complaints = page.complaints.filter((one) => !/404/.test(one));
    await silent(page);
  });

  check('the matrix shows what the self-test set off, and exports it', async () => {
    const { page, go, api } = world();
    const matrix = await api('/attack?hours=24');
    const told = matrix.tactics.flatMap((tactic) => tactic.techniques).filter((technique) => technique.alerts > 0);
    assert.ok(told.length > 0, 'techniques were told');
    await go(`/attack?show=told&technique=${told[0].id}`);
    await page.waitForSelector('[data-testid=technique]');
    await accessible(page, 'attack');
    await shoot(page, 'attack-told-en-dark', { whole: true });
    await go('/attack');
    await shoot(page, 'attack-en-dark', { whole: true });
    const layer = await api('/attack/layer?kind=told&hours=24');
    assert.ok(layer.techniques.some((technique) => technique.techniqueID === told[0].id));
    await silent(page);
  });

  check('a host learns, and a file is trusted after its consequence', async () => {
    const { page, go, api, run } = world();
    const folder = await mkdtemp('/var/tmp/tamon-e2e-lock-');
    const program = join(folder, 'program');
    try {
      const { items } = await api('/lockdown');
      const host = items[0].answer.host_id;
      await go(`/lockdown?host=${host}`);
      await page.click('[data-testid=learn]');
      await page.fill('[role=dialog] textarea', 'The browser test.');
      await page.click('[data-testid=confirm]');
      await page.waitForSelector('[data-testid=command][data-status=done]', patient);
      await page.keyboard.press('Escape');
      await run('/bin/cp', ['/bin/true', program]);
      await run(program, []);
      await page.waitForTimeout(1500);
      await go(`/lockdown?host=${host}`);
      const row = page.locator('[data-testid=unknown] tbody tr', { hasText: program });
      await row.first().waitFor(patient);
      await accessible(page, 'lockdown');
      await shoot(page, 'lockdown-en-dark', { whole: true });
      await row.locator('button').first().click();
      await page.waitForSelector('[data-testid=preview] .facts', patient);
      await shoot(page, 'trust-en-dark');
      await page.fill('[role=dialog] textarea', 'The browser test: a copy of true.');
      await page.click('[data-testid=confirm]');
      await page.waitForSelector('[data-testid=command][data-status=done]', patient);
      await page.keyboard.press('Escape');
      await page.locator('[data-testid=trusted] tbody tr', { hasText: program }).waitFor(patient);
      await silent(page);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  check('a policy is begun from a host, simulated over the past, rolled out, and in force', async () => {
    const { page, go, api } = world();
    await go('/policies');
    await page.click('[data-testid=new-policy]');
    await page.fill('[role=dialog] input', 'e2e');
    await page.locator('[role=dialog] select').selectOption({ index: 1 });
    await page.locator('[role=dialog] button[type=submit]').click();
    await page.waitForURL('**/policies/e2e**');
    await page.waitForSelector('[data-testid=check][data-ok=true]');
    const text = await page.inputValue('[data-testid=policy-text]');
    await page.fill('[data-testid=policy-text]', text.replace('version = 1', 'version = 2'));
    await page.waitForSelector('[data-testid=check][role=alert]');
    await page.fill('[data-testid=policy-text]', `# kept by the browser test\n${text}`);
    await page.waitForSelector('[data-testid=check][data-ok=true]');
    await page.click('[data-testid=simulate]');
    await page.waitForSelector('[data-testid=simulation-sum]', patient);
    await accessible(page, 'policy');
    await shoot(page, 'policy-en-dark', { whole: true });
    await page.click('[data-testid=roll-out]');
    await page.waitForSelector('[role=dialog] input[type=checkbox]:checked');
    await page.fill('[role=dialog] textarea', 'The browser test.');
    await page.click('[data-testid=confirm]');
    await page.waitForSelector('[data-testid=sent] [data-testid=command][data-status=done]', patient);
    await page.keyboard.press('Escape');
    const { hosts } = await api('/policies');
    assert.equal(hosts[0].given.state, 'in_force');
    const there = await api(`/hosts/${hosts[0].host_id}/policy`);
    assert.equal(there.as_given, true);
    assert.match(there.text, /kept by the browser test/);
    await silent(page);
  });

  check('what could be given back is listed by host', async () => {
    const { page, go, api } = world();
    const { hosts, items } = await api('/recovery');
    assert.equal(hosts[0].answer.status, 'answered');
    await go('/recovery');
    await accessible(page, 'recovery');
    await shoot(page, 'recovery-en-dark');
    if (items.length === 0) return;
    await page.locator('[role=row][data-row="0"] button').first().click();
    await page.waitForSelector('[data-testid=preview] [data-testid=rollback-report], [data-testid=preview] .note', patient);
    await page.keyboard.press('Escape');
  });
}
