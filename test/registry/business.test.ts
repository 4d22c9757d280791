import { expect, test } from "vitest";
import { z } from "zod";
import { createRegistry } from "../../src/registry/registry.js";
import { invent } from "./tools.js";

/** Tools of a company that does not exist: server, name, what it says, what must be given. */
const TOOLS = `
billing|create_invoice|Creates an invoice for an order.|orderId
billing|list_payments|Lists payments received in a period.|from
billing|issue_refund|Refunds a payment in part or in full.|paymentId
billing|apply_coupon|Applies a coupon to a basket.|code
logistics|track_shipment|Shows where a shipment is at the moment.|shipmentId
logistics|adjust_inventory|Sets how many items of a product are in the warehouse.|sku
logistics|create_purchase_order|Orders goods from a supplier.|supplierId
crm|find_customer|Looks up customers by name or number.|query
crm|update_deal|Moves a deal to another stage.|dealId
crm|create_lead|Adds a prospect to the pipeline.|name
legal|list_contracts|Lists contracts that end soon.|before
people|request_leave|Files a request for absence of an employee.|employeeId
people|run_payroll|Calculates the wages of a month.|month
people|list_candidates|Lists applicants for an open position.|positionId
people|assign_training|Enrolls an employee in a course.|courseId
oncall|open_incident|Opens an incident and pages whoever is on call.|severity
oncall|silence_alarm|Mutes an alarm for some hours.|alarmId
oncall|query_metrics|Reads time series of a service.|expression
cluster|restart_workload|Restarts all pods of a workload.|name
cluster|rollback_deployment|Returns a deployment to its previous revision.|name
cluster|read_logs|Prints the last log lines of a container.|container
code|create_branch|Creates a branch from another.|name
code|merge_pull_request|Merges a pull request into its target.|number
code|request_review|Asks colleagues to review a change.|number
access|grant_role|Gives a user a role.|userId
access|revoke_permission|Takes a permission from a user.|userId
support|list_tickets|Lists tickets that wait for an answer.|queue
support|escalate_ticket|Hands a ticket to the second line.|ticketId
office|schedule_meeting|Puts a meeting into everyone's calendar.|participants
office|send_email|Sends an email to one or more people.|to
marketing|launch_campaign|Starts a newsletter campaign.|audience
marketing|survey_results|Reads the answers to a survey.|surveyId`
  .trim()
  .split("\n")
  .map((line) => line.split("|") as [server: string, name: string, description: string, parameter: string]);

/** None names its tool as the tool names itself. */
const TASKS: Readonly<Record<string, string>> = {
  "Bill Mrs Novak for what she bought on Monday": "create_invoice",
  "The customer wants her money repaid, please reimburse payment 77": "issue_refund",
  "Where is the parcel for Lisbon now?": "track_shipment",
  "We counted 40 chairs, correct the stock": "adjust_inventory",
  "Buy 200 bolts from our vendor": "create_purchase_order",
  "Which client is Harbour Ltd?": "find_customer",
  "Which agreements expire this month?": "list_contracts",
  "I am on vacation next week, put that in for me": "request_leave",
  "Work out salaries for May": "run_payroll",
  "Who applied for the job in accounting?": "list_candidates",
  "Put the new colleague on the safety lesson": "assign_training",
  "The shop is down, report the outage": "open_incident",
  "Stop that alert until the morning": "silence_alarm",
  "Undo yesterday's rollout of the checkout": "rollback_deployment",
  "Reboot the docker instances of the search": "restart_workload",
  "Show me the trace of the web container": "read_logs",
  "Combine the finished branch into main": "merge_pull_request",
  "Get feedback on my commit from the team": "request_review",
  "Take away the admin privilege of the trainee": "revoke_permission",
  "Set up an appointment with the board on Friday": "schedule_meeting",
  "Begin the mailing to all readers of the newsletter": "launch_campaign",
  "What did people say in the questionnaire?": "survey_results",
};

test("tools of business and operations are found by other words than their own", async () => {
  const registry = createRegistry(
    TOOLS.map(([server, name, description, parameter]) =>
      invent(name, description, { server, parameters: z.object({ [parameter]: z.string() }) }),
    ),
  );
  const missed: string[] = [];
  for (const [task, name] of Object.entries(TASKS)) {
    const found = await registry.search(task, { limit: 5 });
    if (!found.some(({ tool }) => tool.name === name)) missed.push(task);
  }
  expect(missed.length, `missed: ${missed.join("; ")}`).toBeLessThanOrEqual(Object.keys(TASKS).length / 5);
});
