//! The one table of what the node answers: method, path, who may, what goes in and what comes out. The API document is made
//! from it, the node asks it who may call what, and a test in `node` walks it.

use crate::document::{Body, Query, body, none, nothing, query};
use crate::*;

/// Who may call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anyone who can reach the listener.
    Public,
    /// Signed in, any role.
    Viewer,
    Analyst,
    Admin,
    /// Through the admin socket only.
    Socket,
}

#[derive(Clone, Copy)]
pub struct Endpoint {
    pub method: &'static str,
    /// With `{name}` for path parameters, as both OpenAPI and axum write them.
    pub path: &'static str,
    /// `operationId`; unique.
    pub id: &'static str,
    pub tag: &'static str,
    pub access: Access,
    pub summary: &'static str,
    pub query: Query,
    pub request: Option<Body>,
    /// Status and body of success.
    pub success: u16,
    pub response: Option<Body>,
    pub media: &'static str,
}

const JSON: &str = "application/json";

macro_rules! endpoints {
    ($($method:ident $path:literal $id:ident [$tag:ident $access:ident] ($query:expr, $request:expr) -> $success:literal $response:expr, $media:expr, $summary:literal;)*) => {
        pub const ENDPOINTS: &[Endpoint] = &[$(Endpoint {
            method: stringify!($method), path: $path, id: stringify!($id), tag: stringify!($tag), access: Access::$access,
            summary: $summary, query: $query, request: $request, success: $success, response: $response, media: $media,
        },)*];
    };
}

endpoints! {
    POST "/api/v1/session" sign_in [session Public] (none, body::<SignIn>()) -> 200 body::<Me>(), JSON, "Sign in; sets the session cookie";
    GET "/api/v1/session" get_session [session Viewer] (none, nothing()) -> 200 body::<Me>(), JSON, "Who is signed in";
    DELETE "/api/v1/session" sign_out [session Viewer] (none, nothing()) -> 204 nothing(), JSON, "Sign out";
    PATCH "/api/v1/me" update_me [session Viewer] (none, body::<MeUpdate>()) -> 200 body::<Me>(), JSON, "Change preferences or password";
    GET "/api/v1/overview" get_overview [overview Viewer] (none, nothing()) -> 200 body::<Overview>(), JSON, "Hosts, alerts, incidents and figures at one glance";
    GET "/api/v1/incidents" list_incidents [incidents Viewer] (query::<IncidentQuery>, nothing()) -> 200 body::<IncidentPage>(), JSON, "Incidents, newest change first";
    GET "/api/v1/incidents/{id}" get_incident [incidents Viewer] (none, nothing()) -> 200 body::<IncidentDetail>(), JSON, "One incident: the whole story and its evidence";
    PATCH "/api/v1/incidents/{id}" update_incident [incidents Analyst] (none, body::<IncidentUpdate>()) -> 200 body::<IncidentDetail>(), JSON, "Change status or disposition, with a reason";
    POST "/api/v1/incidents/{id}/actions" act_on_incident [incidents Analyst] (none, body::<ActionRequest>()) -> 200 body::<ActionResponse>(), JSON, "Kill a process tree or quarantine a file, or say what that would do";
    POST "/api/v1/incidents/{id}/investigate" investigate_incident [incidents Analyst] (none, nothing()) -> 200 body::<Investigation>(), JSON, "Look into it now: what an analyst would ask next, asked and answered";
    GET "/api/v1/incidents/{id}/export" export_incident [incidents Viewer] (query::<IncidentExportQuery>, nothing()) -> 200 nothing(), JSON, "The case as a file: HTML, PDF, JSON, STIX 2.1 or an ATT&CK Navigator layer";
    POST "/api/v1/incidents/{id}/files" take_case_file [incidents Analyst] (none, body::<CaseFileRequest>()) -> 200 body::<CaseFile>(), JSON, "Take a file of a host into the case: what can be said of it, and its beginning if asked for";
    GET "/api/v1/incidents/{id}/files/{number}" get_case_file [incidents Analyst] (none, nothing()) -> 200 body::<CaseFileContent>(), JSON, "A file of the case with its content in hex";
    GET "/api/v1/commands/{id}" get_command [response Viewer] (none, nothing()) -> 200 body::<Command>(), JSON, "What became of a command";
    GET "/api/v1/alerts" list_alerts [alerts Viewer] (query::<AlertQuery>, nothing()) -> 200 body::<AlertPage>(), JSON, "Alerts, newest first";
    GET "/api/v1/alerts/{id}" get_alert [alerts Viewer] (none, nothing()) -> 200 body::<AlertDetail>(), JSON, "One alert with its event, reasons and lineage";
    GET "/api/v1/hosts" list_hosts [hosts Viewer] (none, nothing()) -> 200 body::<HostList>(), JSON, "Every host, by name";
    GET "/api/v1/hosts/{id}" get_host [hosts Viewer] (none, nothing()) -> 200 body::<HostDetail>(), JSON, "One host";
    GET "/api/v1/hosts/{id}/processes" list_processes [hosts Viewer] (none, nothing()) -> 200 body::<ProcessTree>(), JSON, "What runs there, asked of the host now";
    GET "/api/v1/hosts/{id}/events" list_host_events [hosts Viewer] (query::<EventQuery>, nothing()) -> 200 body::<EventPage>(), JSON, "Events of one host";
    GET "/api/v1/events" list_events [events Viewer] (query::<EventQuery>, nothing()) -> 200 body::<EventPage>(), JSON, "Events; follow them with `since`";
    GET "/api/v1/baselines" get_baselines [baselines Viewer] (query::<BaselineQuery>, nothing()) -> 200 body::<BaselineView>(), JSON, "What a host, a role or the fleet has learned to be normal";
    GET "/api/v1/integrity" list_integrity_changes [integrity Viewer] (query::<IntegrityQuery>, nothing()) -> 200 body::<IntegrityPage>(), JSON, "Changes of watched files, newest first";
    GET "/api/v1/integrity/summary" get_integrity_summary [integrity Viewer] (query::<IntegritySummaryQuery>, nothing()) -> 200 body::<IntegritySummary>(), JSON, "What a period came to, by requirements of PCI DSS or subjects of CIS";
    GET "/api/v1/integrity/report" get_integrity_report [integrity Viewer] (query::<IntegrityReportQuery>, nothing()) -> 200 nothing(), JSON, "A report over them as HTML, CSV or PDF";
    POST "/api/v1/hunt" hunt [hunt Viewer] (none, body::<HuntRequest>()) -> 200 body::<HuntResult>(), JSON, "Run one read-only SQL query";
    GET "/api/v1/hunt/schema" get_hunt_schema [hunt Viewer] (none, nothing()) -> 200 body::<HuntSchema>(), JSON, "Tables, columns and functions of hunts";
    GET "/api/v1/saved-queries" list_saved_queries [hunt Viewer] (none, nothing()) -> 200 body::<SavedQueryList>(), JSON, "Saved queries, ours and yours";
    POST "/api/v1/saved-queries" create_saved_query [hunt Analyst] (none, body::<SavedQueryWrite>()) -> 201 body::<SavedQuery>(), JSON, "Save a query";
    PUT "/api/v1/saved-queries/{id}" update_saved_query [hunt Analyst] (none, body::<SavedQueryWrite>()) -> 200 body::<SavedQuery>(), JSON, "Change a saved query";
    DELETE "/api/v1/saved-queries/{id}" delete_saved_query [hunt Analyst] (none, nothing()) -> 204 nothing(), JSON, "Remove a saved query";
    POST "/api/v1/rules/backtest" backtest_rules [hunt Analyst] (none, body::<BacktestRequest>()) -> 200 body::<BacktestResult>(), JSON, "Hold rules against the stored events: what they would have told";
    GET "/api/v1/rules/history" get_rule_history [rules Viewer] (query::<RuleHistoryQuery>, nothing()) -> 200 body::<RuleHistoryList>(), JSON, "What each rule told and what people made of it";
    GET "/api/v1/rules/suppressions" list_suppressions [rules Viewer] (none, nothing()) -> 200 body::<SuppressionList>(), JSON, "Suppressions and proposals, newest first";
    POST "/api/v1/rules/suppressions" create_suppression [rules Analyst] (none, body::<SuppressionCreate>()) -> 200 body::<Suppression>(), JSON, "Silence alerts by rule, host and fields, with a reason and an end";
    POST "/api/v1/rules/suppressions/{id}/accept" accept_suppression [rules Analyst] (none, body::<SuppressionDecision>()) -> 200 body::<Suppression>(), JSON, "Put a proposal in force";
    POST "/api/v1/rules/suppressions/{id}/remove" remove_suppression [rules Analyst] (none, body::<SuppressionDecision>()) -> 200 body::<Suppression>(), JSON, "End a suppression, or turn a proposal down";
    GET "/api/v1/rules/node" list_node_rules [rules Viewer] (none, nothing()) -> 200 body::<NodeRuleList>(), JSON, "Sigma rules and indicators on the node";
    POST "/api/v1/rules/node" add_node_rules [rules Analyst] (none, body::<NodeRulesAdd>()) -> 200 body::<NodeRulesAdded>(), JSON, "Hold rules to every event that arrives, and to the stored history";
    GET "/api/v1/rules/node/{name}" get_node_rule [rules Viewer] (none, nothing()) -> 200 body::<NodeRuleDetail>(), JSON, "A rule on the node, and what it said before";
    DELETE "/api/v1/rules/node/{name}" remove_node_rule [rules Analyst] (query::<NodeRuleRemoveQuery>, nothing()) -> 204 nothing(), JSON, "Take a rule or indicator off the node";
    POST "/api/v1/indicators" add_indicators [rules Analyst] (none, body::<IndicatorsAdd>()) -> 200 body::<NodeRulesAdded>(), JSON, "Watch for addresses, names, digests and paths, and search the stored history for them";
    POST "/api/v1/rules/test" test_rules [rules Viewer] (none, body::<RuleTestRequest>()) -> 200 body::<RuleTestResult>(), JSON, "Hold rules against events that are given";
    GET "/api/v1/rules" list_rules [rules Viewer] (none, nothing()) -> 200 body::<RuleList>(), JSON, "Rules, ours and the operators', and where each runs";
    GET "/api/v1/rules/{id}" get_rule [rules Viewer] (none, nothing()) -> 200 body::<RuleDetail>(), JSON, "One rule: its text, its samples and what it found";
    GET "/api/v1/attack" get_attack_matrix [attack Viewer] (query::<AttackQuery>, nothing()) -> 200 body::<AttackMatrix>(), JSON, "Techniques by tactic: what could be told of each, and what was";
    GET "/api/v1/attack/layer" get_attack_layer [attack Viewer] (query::<AttackLayerQuery>, nothing()) -> 200 nothing(), JSON, "The same as a layer of the ATT&CK Navigator";
    POST "/api/v1/actions" act [response Analyst] (none, body::<ActionsRequest>()) -> 200 body::<ActionsResponse>(), JSON, "Kill process trees and quarantine files anywhere, or say what that would do";
    GET "/api/v1/malware/scanners" list_scanners [malware Viewer] (none, nothing()) -> 200 body::<ScannerList>(), JSON, "Signatures, models and scans of each host, asked of them now";
    GET "/api/v1/scans" list_scans [malware Viewer] (query::<ScanQuery>, nothing()) -> 200 body::<ScanList>(), JSON, "Scans that were ordered, asked of the hosts now";
    POST "/api/v1/scans" start_scan [malware Analyst] (none, body::<ScanRequest>()) -> 200 body::<CommandList>(), JSON, "Scan paths on hosts";
    POST "/api/v1/scans/{id}/stop" stop_scan [malware Analyst] (none, body::<ScanStopRequest>()) -> 200 body::<Command>(), JSON, "End a scan before its end";
    GET "/api/v1/lockdown" list_lockdown [lockdown Viewer] (none, nothing()) -> 200 body::<LockdownList>(), JSON, "The lock of each host, asked of them now";
    GET "/api/v1/hosts/{id}/lockdown" get_lockdown_report [lockdown Viewer] (none, nothing()) -> 200 body::<LockdownReport>(), JSON, "What a host saw that nobody vouches for, and what is trusted there";
    POST "/api/v1/hosts/{id}/lockdown" change_lockdown [lockdown Admin] (none, body::<LockdownRequest>()) -> 200 body::<Command>(), JSON, "Trust a content, learn, or lock";
    POST "/api/v1/hosts/{id}/lockdown/consequence" ask_trust_consequence [lockdown Analyst] (none, body::<TrustQuestion>()) -> 200 body::<TrustAnswer>(), JSON, "What trusting a content would come to";
    GET "/api/v1/policies" list_policies [policies Viewer] (none, nothing()) -> 200 body::<PolicyList>(), JSON, "Policies, and which host was given which";
    POST "/api/v1/policies/check" check_policy [policies Viewer] (none, body::<PolicyCheckRequest>()) -> 200 body::<PolicyCheck>(), JSON, "Whether a text is a policy, and where it is not";
    POST "/api/v1/policies/simulate" simulate_policy [policies Analyst] (none, body::<SimulationRequest>()) -> 200 body::<Simulation>(), JSON, "The past of hosts under another policy";
    GET "/api/v1/policies/{name}" get_policy [policies Viewer] (none, nothing()) -> 200 body::<Policy>(), JSON, "The newest version of a policy";
    PUT "/api/v1/policies/{name}" write_policy [policies Admin] (none, body::<PolicyWrite>()) -> 200 body::<Policy>(), JSON, "A new version; no host gets it yet";
    GET "/api/v1/policies/{name}/versions/{version}" get_policy_version [policies Viewer] (none, nothing()) -> 200 body::<PolicyText>(), JSON, "An earlier version";
    POST "/api/v1/policies/{name}/rollout" roll_out_policy [policies Admin] (none, body::<RolloutRequest>()) -> 200 body::<Rollout>(), JSON, "Give a policy to hosts, or say what that would do";
    GET "/api/v1/hosts/{id}/policy" get_host_policy [policies Viewer] (none, nothing()) -> 200 body::<HostPolicy>(), JSON, "What a host has in force, asked of it now";
    GET "/api/v1/recovery" list_recovery [recovery Viewer] (none, nothing()) -> 200 body::<RecoveryList>(), JSON, "What could be undone on the hosts, asked of them now";
    POST "/api/v1/recovery" roll_back [recovery Analyst] (none, body::<RollbackRequest>()) -> 200 body::<RollbackResponse>(), JSON, "Give back what process trees changed, or say what that would do";
    GET "/api/v1/commands/{id}/rollback" get_rollback_report [recovery Viewer] (none, nothing()) -> 200 body::<RollbackReport>(), JSON, "What a roll-back did, file by file";
    GET "/api/v1/quarantine/{id}/preview" preview_restore [response Analyst] (query::<RestorePreviewQuery>, nothing()) -> 200 body::<RestorePreview>(), JSON, "What putting a file back would come to";
    GET "/api/v1/quarantine" list_quarantine [response Viewer] (query::<QuarantineQuery>, nothing()) -> 200 body::<QuarantineList>(), JSON, "What the vaults hold, asked of the hosts now";
    POST "/api/v1/quarantine/{id}/restore" restore_quarantined [response Analyst] (none, body::<RestoreRequest>()) -> 200 body::<Command>(), JSON, "Put a file back where it was";
    GET "/api/v1/audit" list_audit [audit Analyst] (query::<AuditQuery>, nothing()) -> 200 body::<AuditPage>(), JSON, "Who did what, newest first";
    GET "/api/v1/stream" stream [stream Viewer] (none, nothing()) -> 200 body::<StreamEvent>(), "text/event-stream", "Live updates as Server-Sent Events";
    POST "/api/v1/admin/one-time-login" create_one_time_login [admin Socket] (none, body::<OneTimeLoginRequest>()) -> 201 body::<OneTimeLogin>(), JSON, "A login for one use";
    POST "/api/v1/admin/enrolment-tokens" create_enrolment_token [admin Admin] (none, body::<EnrolmentTokenRequest>()) -> 201 body::<EnrolmentToken>(), JSON, "A token with which one agent may enrol";
    GET "/api/v1/admin/agents" list_agents [admin Admin] (none, nothing()) -> 200 body::<AgentList>(), JSON, "Enrolled agents";
    POST "/api/v1/admin/agents/{id}/revoke" revoke_agent [admin Admin] (none, body::<RevokeRequest>()) -> 200 body::<AgentEntry>(), JSON, "Shut an agent out for good";
    GET "/api/v1/admin/users" list_users [admin Admin] (none, nothing()) -> 200 body::<UserList>(), JSON, "Users of the console";
    POST "/api/v1/admin/users" create_user [admin Admin] (none, body::<UserCreate>()) -> 201 body::<UserEntry>(), JSON, "A new user; give them a one-time login";
    GET "/api/openapi.json" get_openapi [meta Public] (none, nothing()) -> 200 nothing(), JSON, "This document";
    GET "/healthz" get_health [meta Public] (none, nothing()) -> 200 nothing(), "text/plain", "The process lives";
    GET "/readyz" get_ready [meta Public] (none, nothing()) -> 200 nothing(), "text/plain", "The stores answer and agents can connect";
    GET "/metrics" get_metrics [meta Public] (none, nothing()) -> 200 nothing(), "text/plain", "Figures for Prometheus";
}

/// The row of the table for a method and a path as written in it.
pub fn endpoint(method: &str, path: &str) -> Option<&'static Endpoint> {
    ENDPOINTS.iter().find(|e| e.method == method && e.path == path)
}
