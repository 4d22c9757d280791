/**
 * The one look of all pictures: a ground of its own, light by default, dark where the reader's scheme is dark. Texts
 * have a contrast of 4.5:1 and more against ground and lane, the outlines of shapes that mean something 3:1. Every class
 * begins with `lb-` and every picture has this whole sheet, so that pictures can share an HTML page in any order: the
 * last rule of a page is always the last one of here. What means something is said in words too, so that no colour must
 * be told apart.
 */
export const STYLE = `
.lb-ground{fill:#ffffff}.lb-lane{fill:#f4f5f7}.lb-line{stroke:#d5d8dd;stroke-width:1}
.lb-text{fill:#1f2328;font:11px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;white-space:pre}
.lb-faint{fill:#59636e}.lb-strong{font-weight:600}
.lb-ok{fill:#2f7d4f}.lb-tool-error{fill:#b35c00}.lb-failed{fill:#c62f2f}
.lb-interrupted{fill:#6b53c6}.lb-running{fill:#7a828c}.lb-cached{fill:#1b7190}
.lb-given-up{fill:#7a828c}.lb-fold{fill:#ffffff}
.lb-stroke{fill:none;stroke:#59636e;stroke-width:1.3;stroke-linejoin:round;stroke-linecap:round}
.lb-wait{fill:none;stroke:#6b53c6;stroke-width:1.2}
.lb-base{stroke:#59636e;stroke-width:1}.lb-mark{stroke:#1f2328;stroke-width:1.5}
.lb-leader{fill:none;stroke:#59636e;stroke-width:1}
.lb-p95{stroke-dasharray:5 2}.lb-p99{stroke-dasharray:1.5 2}
.lb-hollow{stroke-width:1.5}.lb-hollow.lb-ok{fill:none;stroke:#2f7d4f}.lb-hollow.lb-failed{fill:none;stroke:#c62f2f}
.lb-node{fill:#eef3fb;stroke:#4a6fa5;stroke-width:1.2}.lb-pill{fill:#e8eaee;stroke:#59636e}
.lb-group{fill:none;stroke:#868d97;stroke-dasharray:2 3}.lb-over{fill:#ffffff}.lb-middle{text-anchor:middle}
.lb-edge{fill:none;stroke:#59636e;stroke-width:1.2}.lb-tip{fill:#59636e}.lb-condition{stroke-dasharray:5 4}
.lb-ran{fill:#dcefe3;stroke:#2f7d4f;stroke-width:2}.lb-took{stroke:#2f7d4f;stroke-width:2.4}.lb-took-tip{fill:#2f7d4f}
.lb-missed{stroke:#868d97;stroke-width:1}.lb-missed-tip{fill:#868d97}.lb-idle{fill:#fafbfc;stroke:#868d97}
.lb-waits{fill:#ffffff;stroke:#6b53c6;stroke-width:2}
.lb-user{fill:#2f6fd0;stroke:#2f6fd0;stroke-width:0}.lb-assistant{fill:#2f7d4f;stroke:#2f7d4f;stroke-width:0}.lb-tool{fill:#b35c00;stroke:#b35c00;stroke-width:0}
.lb-fact{fill:#6b53c6;stroke:#6b53c6;stroke-width:0}.lb-more{fill:#7a828c;stroke:#7a828c;stroke-width:0}
.lb-beyond{fill-opacity:.45;stroke-width:1}.lb-past{fill-opacity:.15;stroke-width:1.2}
.lb-over-time{fill:none;stroke:#7a828c;stroke-dasharray:2 2}
.lb-window{fill:#ffffff;stroke:#2f6fd0;stroke-width:1.5}.lb-note{fill:#ffffff;stroke:#7a828c}
.lb-found{fill:none;stroke:#c2185b;stroke-width:2}.lb-found-row{fill:#fbe3ec}.lb-rank{fill:#c2185b}.lb-on-rank{fill:#ffffff}
.lb-arrow{fill:none;stroke:#59636e;stroke-width:1.2}.lb-arrow-tip{fill:#59636e}.lb-hit{fill:#1f2328}
@media (prefers-color-scheme:dark){
.lb-ground{fill:#14171b}.lb-lane{fill:#1d2127}.lb-line{stroke:#363c45}
.lb-text{fill:#e6e9ee}.lb-faint{fill:#a0a8b3}
.lb-ok{fill:#4fb477}.lb-tool-error{fill:#e39a3b}.lb-failed{fill:#f06a64}
.lb-interrupted{fill:#a493f0}.lb-running{fill:#8d96a1}.lb-cached{fill:#55b3d3}
.lb-given-up{fill:#8d96a1}.lb-fold{fill:#14171b}
.lb-stroke{stroke:#a0a8b3}.lb-wait{stroke:#a493f0}.lb-base{stroke:#a0a8b3}.lb-mark{stroke:#e6e9ee}.lb-leader{stroke:#a0a8b3}
.lb-hollow.lb-ok{stroke:#4fb477}.lb-hollow.lb-failed{stroke:#f06a64}
.lb-node{fill:#1d2a3d;stroke:#7fa6dd}.lb-pill{fill:#2a2f37;stroke:#a0a8b3}
.lb-group{stroke:#69717c}.lb-over{fill:#14171b}
.lb-edge{stroke:#a0a8b3}.lb-tip{fill:#a0a8b3}
.lb-ran{fill:#173624;stroke:#4fb477}.lb-took{stroke:#4fb477}.lb-took-tip{fill:#4fb477}
.lb-missed{stroke:#69717c}.lb-missed-tip{fill:#69717c}.lb-idle{fill:#181b20;stroke:#69717c}
.lb-waits{fill:#14171b;stroke:#a493f0}
.lb-user{fill:#6ea3f2;stroke:#6ea3f2}.lb-assistant{fill:#4fb477;stroke:#4fb477}.lb-tool{fill:#e39a3b;stroke:#e39a3b}
.lb-fact{fill:#a493f0;stroke:#a493f0}.lb-more{fill:#8d96a1;stroke:#8d96a1}
.lb-over-time{stroke:#8d96a1}.lb-window{fill:#14171b;stroke:#6ea3f2}.lb-note{fill:#14171b;stroke:#8d96a1}
.lb-found{stroke:#ff7aa8}.lb-found-row{fill:#3b1d2a}.lb-rank{fill:#ff7aa8}.lb-on-rank{fill:#14171b}
.lb-arrow{stroke:#a0a8b3}.lb-arrow-tip{fill:#a0a8b3}.lb-hit{fill:#e6e9ee}}
`.replaceAll("\n", "");
