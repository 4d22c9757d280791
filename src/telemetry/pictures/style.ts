/**
 * The one look of all pictures: a ground of its own, light by default, dark where the reader's scheme is dark. Texts
 * have a contrast of 4.5:1 and more against ground and lane, shapes of 3:1. Every class begins with `lb-`, so that
 * pictures can share an HTML page; what means something is said in words too, so that no colour must be told apart.
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
@media (prefers-color-scheme:dark){
.lb-ground{fill:#14171b}.lb-lane{fill:#1d2127}.lb-line{stroke:#363c45}
.lb-text{fill:#e6e9ee}.lb-faint{fill:#a0a8b3}
.lb-ok{fill:#4fb477}.lb-tool-error{fill:#e39a3b}.lb-failed{fill:#f06a64}
.lb-interrupted{fill:#a493f0}.lb-running{fill:#8d96a1}.lb-cached{fill:#55b3d3}
.lb-given-up{fill:#8d96a1}.lb-fold{fill:#14171b}
.lb-stroke{stroke:#a0a8b3}.lb-wait{stroke:#a493f0}.lb-base{stroke:#a0a8b3}.lb-mark{stroke:#e6e9ee}.lb-leader{stroke:#a0a8b3}
.lb-hollow.lb-ok{stroke:#4fb477}.lb-hollow.lb-failed{stroke:#f06a64}}
`.replaceAll("\n", "");
