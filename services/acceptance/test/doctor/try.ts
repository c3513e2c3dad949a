import { World, faults } from '/work/wt/doctor/services/acceptance/test/doctor/world.ts';
const w = await World.start();
try {
const t=Date.now();
const { code, report, said } = await w.examine();
console.log(code, Date.now()-t, 'ms');
for (const f of report.findings) console.log(f.severity, f.area, f.code, '|', f.subject, '|', f.what, f.severity==='ok'?'':`| ${f.why} | ${f.do}`);
} finally { await w.stop(); }
process.exit();
