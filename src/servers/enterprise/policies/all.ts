import { ENGINEERING_POLICIES } from "./engineering.js";
import { FINANCE_POLICIES } from "./finance.js";
import { LEAVE_POLICIES } from "./leave.js";
import { LEGAL_POLICIES } from "./legal.js";
import { OPERATIONS_POLICIES } from "./operations.js";
import { PEOPLE_POLICIES } from "./people.js";
import type { Policy } from "./policy.js";
import { SECURITY_POLICIES } from "./security.js";
import { WORKPLACE_POLICIES } from "./workplace.js";

/** The whole knowledge base. */
export const POLICIES: readonly Policy[] = [
  ...WORKPLACE_POLICIES,
  ...LEAVE_POLICIES,
  ...PEOPLE_POLICIES,
  ...SECURITY_POLICIES,
  ...FINANCE_POLICIES,
  ...ENGINEERING_POLICIES,
  ...LEGAL_POLICIES,
  ...OPERATIONS_POLICIES,
];
