/** Classes by what they say: a plain node, one that ran, one that did not; a condition is dashed. */
export const STYLE = `
.lb-node{fill:#eef3fb;stroke:#4a6fa5;stroke-width:1.2}.lb-pill{fill:#e8eaee;stroke:#59636e}
.lb-group{fill:none;stroke:#9aa1ab;stroke-dasharray:2 3}.lb-over{fill:#ffffff}.lb-middle{text-anchor:middle}
.lb-edge{fill:none;stroke:#59636e;stroke-width:1.2}.lb-tip{fill:#59636e}.lb-condition{stroke-dasharray:5 4}
.lb-ran{fill:#dcefe3;stroke:#2f7d4f;stroke-width:2}.lb-took{stroke:#2f7d4f;stroke-width:2.4}.lb-took-tip{fill:#2f7d4f}
.lb-missed{stroke:#b3b9c1;stroke-width:1}.lb-missed-tip{fill:#b3b9c1}.lb-idle{fill:#fafbfc;stroke:#b3b9c1}
@media (prefers-color-scheme:dark){
.lb-node{fill:#1d2a3d;stroke:#7fa6dd}.lb-pill{fill:#2a2f37;stroke:#a0a8b3}
.lb-group{stroke:#69717c}.lb-over{fill:#14171b}
.lb-edge{stroke:#a0a8b3}.lb-tip{fill:#a0a8b3}
.lb-ran{fill:#173624;stroke:#4fb477}.lb-took{stroke:#4fb477}.lb-took-tip{fill:#4fb477}
.lb-missed{stroke:#4a515b}.lb-missed-tip{fill:#4a515b}.lb-idle{fill:#181b20;stroke:#4a515b}}
`.replaceAll("\n", "");
