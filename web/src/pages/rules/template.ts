// What a new rule begins as: valid, and silent until somebody says what it is for.
export function template(): string {
  return `title: What happened, in a few words
id: ${crypto.randomUUID()}
status: experimental
description: Why it matters, and what is harmless about it.
tags:
  - attack.execution
  - attack.t1059.004
logsource:
  product: linux
  category: process_creation
detection:
  selection:
    Image|endswith: /example
    CommandLine|contains: --example
  condition: selection
level: medium
`;
}
