// Made by `npm run codegen` from openapi.json. Do not edit.

export interface paths {
    "/api/openapi.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** This document */
        get: operations["get_openapi"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/actions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Kill process trees and quarantine files anywhere, or say what that would do */
        post: operations["act"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/agents": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Enrolled agents */
        get: operations["list_agents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/agents/{id}/revoke": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Shut an agent out for good */
        post: operations["revoke_agent"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/enrolment-tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A token with which one agent may enrol */
        post: operations["create_enrolment_token"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/one-time-login": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A login for one use */
        post: operations["create_one_time_login"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Users of the console */
        get: operations["list_users"];
        put?: never;
        /** A new user; give them a one-time login */
        post: operations["create_user"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/alerts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Alerts, newest first */
        get: operations["list_alerts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/alerts/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One alert with its event, reasons and lineage */
        get: operations["get_alert"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/attack": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Techniques by tactic: what could be told of each, and what was */
        get: operations["get_attack_matrix"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/attack/layer": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The same as a layer of the ATT&CK Navigator */
        get: operations["get_attack_layer"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who did what, newest first */
        get: operations["list_audit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/baselines": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What a host, a role or the fleet has learned to be normal */
        get: operations["get_baselines"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/commands/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What became of a command */
        get: operations["get_command"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/commands/{id}/rollback": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What a roll-back did, file by file */
        get: operations["get_rollback_report"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Events; follow them with `since` */
        get: operations["list_events"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/hosts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Every host, by name */
        get: operations["list_hosts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/hosts/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One host */
        get: operations["get_host"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/hosts/{id}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Events of one host */
        get: operations["list_host_events"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/hosts/{id}/lockdown": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What a host saw that nobody vouches for, and what is trusted there */
        get: operations["get_lockdown_report"];
        put?: never;
        /** Trust a content, learn, or lock */
        post: operations["change_lockdown"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/hosts/{id}/lockdown/consequence": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** What trusting a content would come to */
        post: operations["ask_trust_consequence"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/hosts/{id}/policy": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What a host has in force, asked of it now */
        get: operations["get_host_policy"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/hosts/{id}/processes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What runs there, asked of the host now */
        get: operations["list_processes"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/hunt": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Run one read-only SQL query */
        post: operations["hunt"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/hunt/schema": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Tables, columns and functions of hunts */
        get: operations["get_hunt_schema"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/incidents": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Incidents, newest change first */
        get: operations["list_incidents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/incidents/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One incident: the whole story and its evidence */
        get: operations["get_incident"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Change status or disposition, with a reason */
        patch: operations["update_incident"];
        trace?: never;
    };
    "/api/v1/incidents/{id}/actions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Kill a process tree or quarantine a file, or say what that would do */
        post: operations["act_on_incident"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/incidents/{id}/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The case as a file: HTML, PDF, JSON, STIX 2.1 or an ATT&CK Navigator layer */
        get: operations["export_incident"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/incidents/{id}/files": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Take a file of a host into the case: what can be said of it, and its beginning if asked for */
        post: operations["take_case_file"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/incidents/{id}/files/{number}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A file of the case with its content in hex */
        get: operations["get_case_file"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/incidents/{id}/investigate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Look into it now: what an analyst would ask next, asked and answered */
        post: operations["investigate_incident"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/indicators": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Watch for addresses, names, digests and paths, and search the stored history for them */
        post: operations["add_indicators"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/integrity": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Changes of watched files, newest first */
        get: operations["list_integrity_changes"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/integrity/report": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A report over them as HTML, CSV or PDF */
        get: operations["get_integrity_report"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/integrity/summary": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What a period came to, by requirements of PCI DSS or subjects of CIS */
        get: operations["get_integrity_summary"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/lockdown": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The lock of each host, asked of them now */
        get: operations["list_lockdown"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/malware/scanners": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Signatures, models and scans of each host, asked of them now */
        get: operations["list_scanners"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Change preferences or password */
        patch: operations["update_me"];
        trace?: never;
    };
    "/api/v1/overview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Hosts, alerts, incidents and figures at one glance */
        get: operations["get_overview"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/policies": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Policies, and which host was given which */
        get: operations["list_policies"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/policies/check": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Whether a text is a policy, and where it is not */
        post: operations["check_policy"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/policies/simulate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** The past of hosts under another policy */
        post: operations["simulate_policy"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/policies/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The newest version of a policy */
        get: operations["get_policy"];
        /** A new version; no host gets it yet */
        put: operations["write_policy"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/policies/{name}/rollout": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Give a policy to hosts, or say what that would do */
        post: operations["roll_out_policy"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/policies/{name}/versions/{version}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** An earlier version */
        get: operations["get_policy_version"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/quarantine": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What the vaults hold, asked of the hosts now */
        get: operations["list_quarantine"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/quarantine/{id}/preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What putting a file back would come to */
        get: operations["preview_restore"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/quarantine/{id}/restore": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Put a file back where it was */
        post: operations["restore_quarantined"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/recovery": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What could be undone on the hosts, asked of them now */
        get: operations["list_recovery"];
        put?: never;
        /** Give back what process trees changed, or say what that would do */
        post: operations["roll_back"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/rules": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Rules, ours and the operators', and where each runs */
        get: operations["list_rules"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/rules/backtest": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Hold rules against the stored events: what they would have told */
        post: operations["backtest_rules"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/rules/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What each rule told and what people made of it */
        get: operations["get_rule_history"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/rules/node": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Sigma rules and indicators on the node */
        get: operations["list_node_rules"];
        put?: never;
        /** Hold rules to every event that arrives, and to the stored history */
        post: operations["add_node_rules"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/rules/node/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A rule on the node, and what it said before */
        get: operations["get_node_rule"];
        put?: never;
        post?: never;
        /** Take a rule or indicator off the node */
        delete: operations["remove_node_rule"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/rules/suppressions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Suppressions and proposals, newest first */
        get: operations["list_suppressions"];
        put?: never;
        /** Silence alerts by rule, host and fields, with a reason and an end */
        post: operations["create_suppression"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/rules/suppressions/{id}/accept": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Put a proposal in force */
        post: operations["accept_suppression"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/rules/suppressions/{id}/remove": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** End a suppression, or turn a proposal down */
        post: operations["remove_suppression"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/rules/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Hold rules against events that are given */
        post: operations["test_rules"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/rules/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One rule: its text, its samples and what it found */
        get: operations["get_rule"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/saved-queries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Saved queries, ours and yours */
        get: operations["list_saved_queries"];
        put?: never;
        /** Save a query */
        post: operations["create_saved_query"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/saved-queries/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Change a saved query */
        put: operations["update_saved_query"];
        post?: never;
        /** Remove a saved query */
        delete: operations["delete_saved_query"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/scans": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Scans that were ordered, asked of the hosts now */
        get: operations["list_scans"];
        put?: never;
        /** Scan paths on hosts */
        post: operations["start_scan"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/scans/{id}/stop": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** End a scan before its end */
        post: operations["stop_scan"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/session": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who is signed in */
        get: operations["get_session"];
        put?: never;
        /** Sign in; sets the session cookie */
        post: operations["sign_in"];
        /** Sign out */
        delete: operations["sign_out"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/stream": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Live updates as Server-Sent Events */
        get: operations["stream"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/healthz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The process lives */
        get: operations["get_health"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Figures for Prometheus */
        get: operations["get_metrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/readyz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The stores answer and agents can connect */
        get: operations["get_ready"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        ActionChange: {
            /** Format: int64 */
            count: number;
            from: components["schemas"]["DecisionAction"];
            to: components["schemas"]["DecisionAction"];
        };
        ActionItem: {
            action: components["schemas"]["ResponseAction"];
            /** @description The host said what runs; else `preview` is what the node can know without it. */
            asked: boolean;
            command?: null | components["schemas"]["Command"];
            host_name: string;
            /** @description The processes are those that run now, asked of the host; none known when it does not answer. */
            preview: components["schemas"]["Consequences"];
        };
        ActionRequest: {
            action: components["schemas"]["ResponseAction"];
            /** @description True: say what it would do, do nothing. */
            preview?: boolean;
            /** @description Needed unless `preview`. */
            reason?: string | null;
        };
        ActionResponse: {
            command?: null | components["schemas"]["Command"];
            preview: components["schemas"]["Consequences"];
        };
        ActionsRequest: {
            /** @description 1 to 50. */
            actions: components["schemas"]["ResponseAction"][];
            /** @description True: say what they would do, do nothing. */
            preview?: boolean;
            /** @description Needed unless `preview`. */
            reason?: string | null;
        };
        ActionsResponse: {
            items: components["schemas"]["ActionItem"][];
        };
        AgentEntry: {
            agent_id: string;
            connected: boolean;
            enrolled: components["schemas"]["Time"];
            host_id?: string | null;
            host_name?: string | null;
            revoked: boolean;
        };
        AgentList: {
            items: components["schemas"]["AgentEntry"][];
        };
        /** @description Alerts by severity that happened from `start` on. */
        AlertBucket: {
            /** Format: int64 */
            critical: number;
            /** Format: int64 */
            high: number;
            /** Format: int64 */
            info: number;
            /** Format: int64 */
            low: number;
            /** Format: int64 */
            medium: number;
            start: components["schemas"]["Time"];
        };
        AlertDetail: {
            decision: components["schemas"]["Decision"];
            /** @description The event that set it off: ECS columns flattened with `_`, and `labels`. */
            event: components["schemas"]["EventRow"];
            findings: components["schemas"]["Finding"][];
            /** @description The acting process first, then its ancestors to the oldest known. */
            lineage: components["schemas"]["ProcessFacts"][];
            outcome_detail: string;
            summary: components["schemas"]["AlertSummary"];
        };
        /** @description Newest first. */
        AlertPage: {
            items: components["schemas"]["AlertSummary"][];
            next?: string | null;
        };
        /** @description What would be done about the alerts of that time, against what was done. */
        AlertSimulation: {
            /** Format: int64 */
            alerts: number;
            /** @description Most first. */
            changes: components["schemas"]["ActionChange"][];
            /** @description Some that would be answered otherwise, gravest change first. */
            samples: components["schemas"]["ChangedAlert"][];
            /** @description There were more than were judged. */
            truncated: boolean;
        };
        AlertSummary: {
            action: components["schemas"]["DecisionAction"];
            /** @description The strongest finding's sentence. */
            detail: string;
            engines: components["schemas"]["Engine"][];
            host_id: string;
            host_name: string;
            id: string;
            incident_id?: string | null;
            outcome: components["schemas"]["OutcomeStatus"];
            process_command_line?: string | null;
            process_entity_id?: string | null;
            process_name?: string | null;
            /** @description When the node stored it. */
            received: components["schemas"]["Time"];
            /** @description A rule or an indicator that came later found it in the stored history. */
            retrospective: boolean;
            rule_ids: string[];
            severity: components["schemas"]["Severity"];
            /** @description The suppression that silenced it: then it joined no incident. */
            suppression_id?: string | null;
            tactics: components["schemas"]["Tactic"][];
            techniques: string[];
            time: components["schemas"]["Time"];
            title: string;
            user?: string | null;
        };
        /** @enum {string} */
        AnswerState: "answered" | "unanswered";
        /** @enum {string} */
        AnswerStatus: "answered" | "offline" | "timeout" | "error";
        /** @description One question about one subject, with its answer. */
        Answered: {
            /** @description Alerts that made the question apply. */
            alerts: string[];
            answer: components["schemas"]["Text"];
            /** @description The first rows of what was found. */
            columns: string[];
            /**
             * Format: int64
             * @description Rows found in all; with `truncated`, at least so many.
             */
            count: number;
            /** Format: int64 */
            elapsed_ms: number;
            host?: null | components["schemas"]["HostRef"];
            method: components["schemas"]["Method"];
            /** @description What the host could not look at, in its words. */
            notes: string[];
            question: components["schemas"]["Text"];
            /** @description Of the catalogue. */
            question_id: string;
            rows: string[][];
            /** @description The query that gave the answer, to be run again. */
            sql?: string | null;
            state: components["schemas"]["AnswerState"];
            truncated: boolean;
            /** @description By hypothesis: above zero speaks for it, below against. */
            weights: {
                [key: string]: number;
            };
        };
        AttackMatrix: {
            /** @description Events could be counted; alerts always can. */
            events_known: boolean;
            from: components["schemas"]["Time"];
            /** @description Whose names these are. */
            notice: string;
            /** @description Named by a rule or an alert, and of another release than the table. */
            other: components["schemas"]["AttackTechnique"][];
            /** @description Rules of all techniques, once each. */
            rules: components["schemas"]["AttackRule"][];
            /** @description In the matrix' order; those of Linux and containers. */
            tactics: components["schemas"]["AttackTactic"][];
            to: components["schemas"]["Time"];
        };
        AttackRule: {
            id: string;
            kind: components["schemas"]["RuleKind"];
            title: string;
        };
        AttackTactic: {
            tactic: components["schemas"]["Tactic"];
            /** @description With their sub-techniques behind each. */
            techniques: components["schemas"]["AttackTechnique"][];
        };
        AttackTechnique: {
            /**
             * Format: int64
             * @description In that time: alerts, and events on which it stands, told or not.
             */
            alerts: number;
            /** Format: int64 */
            events: number;
            id: string;
            last?: null | components["schemas"]["Time"];
            name: string;
            /** @description Of a sub-technique. */
            parent?: string | null;
            /** @description Places in `rules` of those that name it. */
            rules: number[];
            severity?: null | components["schemas"]["Severity"];
        };
        AuditEntry: {
            /** @description One stable word: `session.sign-in`, `incident.update`, `command.create`, … */
            action: string;
            /** @description User, `root` through the admin socket, or `system`. */
            actor: string;
            detail: string;
            /** Format: int64 */
            id: number;
            ok: boolean;
            /** @description Address or `socket`. */
            source: string;
            target: string;
            time: components["schemas"]["Time"];
        };
        /** @description Newest first. */
        AuditPage: {
            items: components["schemas"]["AuditEntry"][];
            next?: string | null;
        };
        /** @description What one rule would have told. */
        BacktestHits: {
            /** Format: int64 */
            count: number;
            first: components["schemas"]["Time"];
            /** @description Most hits first, at most a hundred. */
            hosts: components["schemas"]["HostHits"][];
            last: components["schemas"]["Time"];
            rule_id: string;
            /** @description Some of them, as they were met. */
            samples: components["schemas"]["BacktestSample"][];
            severity: components["schemas"]["Severity"];
            title: string;
        };
        BacktestRequest: {
            /**
             * Format: int32
             * @description How far back, 1 to 8760; 168 when not given.
             */
            hours?: number | null;
            rules: components["schemas"]["RuleText"][];
        };
        BacktestResult: {
            /** @description False when the time was up before the end: the counts are then too small. */
            complete: boolean;
            coverage: components["schemas"]["Coverage"];
            /** Format: int64 */
            elapsed_ms: number;
            /**
             * Format: int64
             * @description Stored events that the rules were held against: of the kinds that any of them is about.
             */
            events: number;
            from: components["schemas"]["Time"];
            /** @description Most hits first. */
            hits: components["schemas"]["BacktestHits"][];
            rejected: components["schemas"]["RejectedRule"][];
            to: components["schemas"]["Time"];
            /** Format: int64 */
            usable: number;
        };
        BacktestSample: {
            /** @description What matched, in a sentence. */
            detail: string;
            /** @description The acting process, to look further. */
            entity_id?: string | null;
            host: string;
            time: components["schemas"]["Time"];
        };
        Baseline: {
            /**
             * Format: int64
             * @description Acts that were learned from.
             */
            acts: number;
            began: components["schemas"]["Time"];
            /**
             * Format: int64
             * @description Of memory, about.
             */
            bytes: number;
            /** Format: int64 */
            items_forgotten: number;
            /** Format: int64 */
            items_kept: number;
            last: components["schemas"]["Time"];
            /**
             * Format: int32
             * @description Nothing rare is told before so many days.
             */
            learn_days: number;
            learning: boolean;
            /** @description What well-known subjects did once or twice. */
            rarest: components["schemas"]["BaselineHabit"][];
            rhythms: components["schemas"]["BaselineRhythm"][];
            /** @description The busiest first. */
            subjects: components["schemas"]["BaselineSubject"][];
            /**
             * Format: int64
             * @description What was let go for room; its counts stand in a sketch.
             */
            subjects_forgotten: number;
            /** Format: int64 */
            subjects_kept: number;
            /** @description Newest first. */
            told: components["schemas"]["BaselineTold"][];
        };
        BaselineHabit: {
            /** Format: int64 */
            count: number;
            first: components["schemas"]["Time"];
            /** Format: int32 */
            hosts: number;
            item: string;
            last: components["schemas"]["Time"];
            /** @enum {string} */
            relation: "programs" | "starts" | "user_starts" | "talks" | "names" | "logins" | "reaches" | "writes";
            subject: string;
            /**
             * Format: int64
             * @description Of so many acts of the subject.
             */
            total: number;
        };
        BaselineRhythm: {
            /** Format: int32 */
            count: number;
            first: components["schemas"]["Time"];
            /** Format: double */
            jitter_percent: number;
            /** Format: double */
            period_seconds: number;
            program: string;
            to: string;
        };
        BaselineRole: {
            /** Format: int64 */
            hosts: number;
            name: string;
        };
        BaselineSubject: {
            /** Format: int32 */
            days: number;
            /** Format: int32 */
            distinct: number;
            first: components["schemas"]["Time"];
            /** @description Acts by hour (UTC): 24 of working days, then 24 of weekends. */
            hours: number[];
            items: components["schemas"]["BaselineHabit"][];
            last: components["schemas"]["Time"];
            name: string;
            /** @enum {string} */
            relation: "programs" | "starts" | "user_starts" | "talks" | "names" | "logins" | "reaches" | "writes";
            /** Format: int64 */
            total: number;
        };
        BaselineTold: {
            detail: string;
            name: string;
            program: string;
            rule: string;
            severity: components["schemas"]["Severity"];
            time: components["schemas"]["Time"];
        };
        BaselineView: {
            answer?: null | components["schemas"]["HostAnswer"];
            baseline?: null | components["schemas"]["Baseline"];
            /** @description Roles of the fleet, by what its hosts serve. */
            roles: components["schemas"]["BaselineRole"][];
        };
        /** @description For a while everything runs, and is told. */
        BreakGlass: {
            by: string;
            reason: string;
            since: components["schemas"]["Time"];
            until: components["schemas"]["Time"];
        };
        CaseFile: {
            /**
             * Format: int64
             * @description Bytes of content that are kept.
             */
            content_bytes: number;
            /** @description As the host tells it: state, kind, size, owner, mode, modified, sha256, package, special, immutable. */
            facts: {
                [key: string]: string;
            };
            host_id: string;
            host_name: string;
            /** @description What the host could not look at. */
            notes: string[];
            /** Format: int64 */
            number: number;
            path: string;
            reason: string;
            requested_by: string;
            time: components["schemas"]["Time"];
        };
        CaseFileContent: {
            /** @description Hex: it may be malware, and no browser or disk is to take it for anything. */
            content: string;
            file: components["schemas"]["CaseFile"];
        };
        /** @description One file of one host of the incident. */
        CaseFileRequest: {
            /** @description With its first mebibyte, not only what can be said of it. */
            content?: boolean;
            host_id: string;
            /** @description Absolute. */
            path: string;
            reason: string;
        };
        ChangedAlert: {
            alert_id: string;
            from: components["schemas"]["DecisionAction"];
            incident_id?: string | null;
            process?: string | null;
            reasons: string[];
            severity: components["schemas"]["Severity"];
            time: components["schemas"]["Time"];
            title: string;
            to: components["schemas"]["DecisionAction"];
        };
        Command: {
            created: components["schemas"]["Time"];
            /** @description What was done, or why not. */
            detail?: string | null;
            /** @description When it is given up if the host has not taken it. */
            expires: components["schemas"]["Time"];
            finished?: null | components["schemas"]["Time"];
            host_id: string;
            id: string;
            incident_id?: string | null;
            kind: components["schemas"]["CommandKind"];
            reason: string;
            requested_by: string;
            status: components["schemas"]["CommandStatus"];
            /** @description What it acts on: an entity id, a path, a vault item. */
            target: string;
        };
        /** @enum {string} */
        CommandKind: "kill_tree" | "quarantine" | "restore" | "list_processes" | "list_quarantine" | "set_policy" | "roll_back" | "scan" | "stop_scan" | "lockdown";
        /** @description One command a host. */
        CommandList: {
            items: components["schemas"]["Command"][];
        };
        /** @enum {string} */
        CommandStatus: "queued" | "sent" | "done" | "failed" | "expired";
        Consequences: {
            /** @description False when the host is away: the command would wait until it expires. */
            host_connected: boolean;
            /** @description Processes known to the node that would end, the root first. */
            processes: components["schemas"]["ProcessFacts"][];
            sentences: components["schemas"]["Sentence"][];
        };
        /** @enum {string} */
        CounterState: "counted" | "unavailable";
        /** @description What a process did, counted in the event store; zero until the node has filled them in. */
        Counters: {
            /** Format: int64 */
            alerts: number;
            /** Format: int64 */
            children: number;
            /** Format: int64 */
            dns: number;
            /** Format: int64 */
            files: number;
            /** Format: int64 */
            network: number;
            /** Format: int64 */
            other: number;
        };
        /** @description Whose events the answer can know: a host that is away may hold events it has not sent yet. */
        Coverage: {
            /**
             * Format: int64
             * @description Connected, all sent.
             */
            answered: number;
            /** @description Connected, but with events still waiting on the host. */
            behind: string[];
            /** Format: int64 */
            hosts: number;
            /** @description Away: their newest events are missing. */
            offline: string[];
        };
        Decision: {
            action: components["schemas"]["DecisionAction"];
            mode: components["schemas"]["Mode"];
            reasons: components["schemas"]["DecisionReason"][];
            tier: components["schemas"]["Tier"];
            /** @description What would be done in enforce mode on a host whose tier can do it. */
            wanted: components["schemas"]["DecisionAction"];
        };
        /**
         * @description What is done, mildest first.
         * @enum {string}
         */
        DecisionAction: "allow" | "alert" | "deny" | "kill" | "quarantine";
        DecisionReason: {
            engine?: null | components["schemas"]["Engine"];
            text: string;
        };
        DeniedAct: {
            /** @description The profile's key that speaks of it: `read`, `connect`. */
            act: string;
            /** Format: int64 */
            count: number;
            /** @description `prevention.nginx.read "!/etc/shadow"`. */
            line: string;
            profile: string;
            program: string;
            /** @description One sentence. */
            says: string;
            /** @description What it was done to. */
            what: string;
        };
        /**
         * @description Rows of 32 or 24 pixels.
         * @enum {string}
         */
        Density: "comfortable" | "compact";
        /**
         * @description What it turned out to be.
         * @enum {string}
         */
        Disposition: "true_positive" | "benign" | "false_positive";
        DistrustedContent: {
            at: components["schemas"]["Time"];
            by: string;
            path?: string | null;
            reason: string;
            sha256?: string | null;
        };
        Edge: {
            from: string;
            kind: components["schemas"]["EdgeKind"];
            on_path: boolean;
            /** @description When it was first seen. */
            time: components["schemas"]["Time"];
            to: string;
        };
        /**
         * @description Each has a line style of its own on the page.
         * @enum {string}
         */
        EdgeKind: "started" | "injected" | "wrote_then_ran" | "wrote" | "read" | "connected";
        /**
         * @description Which voice speaks.
         * @enum {string}
         */
        Engine: "sigma" | "behaviour" | "ransomware" | "miner" | "hash" | "yara" | "policy" | "sensor" | "signature" | "model" | "reputation" | "integrity";
        EnrolmentToken: {
            /** @description Where agents connect. */
            agent_address: string;
            expires: components["schemas"]["Time"];
            /** @description Good for one agent. It also carries the fingerprint of the node's CA. */
            token: string;
        };
        EnrolmentTokenRequest: {
            /**
             * Format: int64
             * @description 60 to 2,592,000; an hour when not given.
             * @default null
             */
            valid_seconds: number | null;
        };
        EventPage: {
            /** @description Cursor from which to follow. */
            follow: string;
            items: components["schemas"]["EventRow"][];
            /** @description Cursor to older events; none when there are none or when following. */
            next?: string | null;
        };
        /** @description An event laid flat: `timestamp` and the other ECS columns that it carries, and `labels` (text to text). */
        EventRow: {
            [key: string]: unknown;
        };
        FileFinding: {
            detail: string;
            engine: components["schemas"]["Engine"];
            /** @description What it was made of; the model's reasons are `model_reason.…`, each with its weight and words. */
            matched: components["schemas"]["MatchedField"][];
            /** @description Path of the member inside the file; none for the file itself. */
            member?: string | null;
            name: string;
            rule_id: string;
            severity: components["schemas"]["Severity"];
        };
        Finding: {
            detail: string;
            engine: components["schemas"]["Engine"];
            matched: components["schemas"]["MatchedField"][];
            name: string;
            rule_id: string;
            severity: components["schemas"]["Severity"];
            techniques: string[];
        };
        Graph: {
            edges: components["schemas"]["Edge"][];
            /**
             * Format: int64
             * @description Nodes beyond the cap that are not here.
             */
            hidden: number;
            nodes: components["schemas"]["Node"][];
        };
        /** @description What the search through the stored history came to. */
        HistorySearch: {
            /**
             * Format: int64
             * @description One for each rule and host.
             * @default 0
             */
            alerts: number;
            /** @default  */
            detail: string;
            /**
             * Format: int64
             * @description Stored events of the kinds that the rule is about.
             * @default 0
             */
            events: number;
            /** @default null */
            finished: null | components["schemas"]["Time"];
            /** @default null */
            from: null | components["schemas"]["Time"];
            /**
             * Format: int64
             * @default 0
             */
            hits: number;
            /** @default running */
            state: components["schemas"]["HistoryState"];
            /** @default null */
            to: null | components["schemas"]["Time"];
            /**
             * Format: int64
             * @description Pairs of rule and host that made no alert, since there were too many.
             * @default 0
             */
            untold: number;
        };
        /** @enum {string} */
        HistoryState: "running" | "done" | "cut" | "failed" | "none";
        /** @description Whether a host answered a question; who did not answer is never left out. */
        HostAnswer: {
            /** @description What went wrong, in words. */
            detail?: string | null;
            /** Format: int64 */
            elapsed_ms: number;
            host_id: string;
            host_name: string;
            status: components["schemas"]["AnswerStatus"];
        };
        HostCounts: {
            /** Format: int64 */
            connected: number;
            /** Format: int64 */
            enforce: number;
            /** Format: int64 */
            gate: number;
            /**
             * Format: int64
             * @description Hosts whose sensor lost events since their agent started.
             */
            losing: number;
            /** Format: int64 */
            observe: number;
            /** Format: int64 */
            total: number;
        };
        HostDetail: {
            addresses: string[];
            boot_id: string;
            first_seen: components["schemas"]["Time"];
            /** @description Events stored a minute over the last hour, oldest first. */
            rates: components["schemas"]["RatePoint"][];
            /** @description False when the event store could not count them. */
            rates_known: boolean;
            /**
             * Format: int64
             * @description Memory of the agent.
             */
            resident_bytes: number;
            /** Format: int64 */
            rules: number;
            /** Format: int64 */
            rules_rejected: number;
            /**
             * Format: int64
             * @description What waits on the host to be sent.
             */
            spool_bytes: number;
            /** Format: int64 */
            spool_events: number;
            summary: components["schemas"]["HostSummary"];
        };
        HostHits: {
            /** Format: int64 */
            count: number;
            host: string;
        };
        HostList: {
            items: components["schemas"]["HostSummary"][];
        };
        HostLockdown: {
            answer: components["schemas"]["HostAnswer"];
            state?: null | components["schemas"]["LockdownState"];
        };
        /** @description What a host has in force, asked of it just now. */
        HostPolicy: {
            answer: components["schemas"]["HostAnswer"];
            /** @description What is in force is, letter for letter, what the node gave it; none where either is not known. */
            as_given?: boolean | null;
            given?: null | components["schemas"]["PolicyGiven"];
            name?: string | null;
            text?: string | null;
        };
        HostProcess: {
            /** @default  */
            command_line: string;
            /** @default null */
            container_id: string | null;
            /** @default null */
            container_image: string | null;
            /** @default null */
            entity_id: string | null;
            /** @default  */
            executable: string;
            /** @default false */
            fileless: boolean;
            /** @default  */
            name: string;
            /** @default null */
            package: string | null;
            /** @default null */
            parent_entity_id: string | null;
            /**
             * Format: int32
             * @default 0
             */
            parent_pid: number;
            /**
             * Format: int32
             * @default 0
             */
            pid: number;
            /**
             * Format: int64
             * @default null
             */
            resident_bytes: number | null;
            /** @default null */
            sha256: string | null;
            /** @default null */
            started: null | components["schemas"]["Time"];
            /** @default null */
            unit: string | null;
            /** @default null */
            user: string | null;
            /**
             * Format: int32
             * @default 0
             */
            user_id: number;
        };
        HostRef: {
            id: string;
            name: string;
        };
        HostScanner: {
            answer: components["schemas"]["HostAnswer"];
            state?: null | components["schemas"]["ScannerState"];
        };
        /** @description What files are held against on a host. */
        HostSignatures: {
            /** Format: int64 */
            digests: number;
            /** @description Name and version of each. */
            models: string[];
            /** Format: int64 */
            patterns: number;
            /** @description Why a set that was brought is not in force. */
            refused?: string | null;
            /** @description What the last look for a newer set came to, in words. */
            update: string;
            /**
             * Format: int64
             * @description Of the set that was brought to it; none: only what is built in and what lies in its content folders.
             */
            version?: number | null;
            /** Format: int64 */
            yara_rules: number;
        };
        HostSimulation: {
            /** @description Judged by the node from stored alerts: also of a host that is away. */
            alerts: components["schemas"]["AlertSimulation"];
            /** @description Whether the host judged its programs. */
            answer: components["schemas"]["HostAnswer"];
            /** @description What the host cannot do without and a profile that enforces would take: such a policy is refused. */
            lockouts: components["schemas"]["Lockout"][];
            prevention?: null | components["schemas"]["PreventionSimulation"];
            starts?: null | components["schemas"]["StartSimulation"];
        };
        HostSummary: {
            agent_id: string;
            agent_version: string;
            /** Format: int64 */
            alerts_24h: number;
            architecture: string;
            connected: boolean;
            /** Format: double */
            events_per_second: number;
            id: string;
            kernel: string;
            last_seen: components["schemas"]["Time"];
            /** @description Events lost by kind since the agent started, and their sum. */
            lost: {
                [key: string]: number;
            };
            /** Format: int64 */
            lost_total: number;
            missing_protections: components["schemas"]["Protection"][];
            mode: components["schemas"]["Mode"];
            name: string;
            /** Format: int64 */
            open_incidents: number;
            os: string;
            /** @description Its certificate was revoked; it can no longer connect. */
            revoked: boolean;
            /**
             * Format: int64
             * @description Events the sensor saw since the agent started.
             */
            seen: number;
            signatures: components["schemas"]["HostSignatures"];
            tier: components["schemas"]["Tier"];
            /** @description Why the tier is not a higher one. */
            tier_reason: string;
        };
        How: {
            /** @description Entity id of the first process out of the ordinary. */
            entry?: string | null;
            /** @description Why that process is out of the ordinary. */
            sentence: components["schemas"]["Sentence"];
        };
        HuntColumn: {
            name: string;
            type: string;
        };
        HuntRequest: {
            /**
             * Format: int32
             * @description Rows wanted, 1 to 10000; 1000 when not given.
             */
            limit?: number | null;
            sql: string;
        };
        HuntResult: {
            columns: components["schemas"]["HuntColumn"][];
            coverage: components["schemas"]["Coverage"];
            /** Format: int64 */
            elapsed_ms: number;
            /** @description A row is a list of values in the order of the columns. */
            rows: unknown[][];
            /** Format: int64 */
            scanned_rows: number;
            /** @description There were more rows than were asked for. */
            truncated: boolean;
        };
        HuntSchema: {
            /** @description Functions that a query may call. */
            functions: string[];
            /** Format: int32 */
            max_rows: number;
            /** Format: int32 */
            max_seconds: number;
            tables: components["schemas"]["HuntTable"][];
        };
        HuntSchemaColumn: {
            description: string;
            name: string;
            type: string;
        };
        HuntTable: {
            columns: components["schemas"]["HuntSchemaColumn"][];
            description: string;
            name: string;
        };
        Incident: {
            /**
             * Format: int64
             * @description Alerts of the incident; `alert_ids` holds at most the newest thousand.
             */
            alert_count: number;
            alert_ids: string[];
            disposition?: null | components["schemas"]["Disposition"];
            first: components["schemas"]["Time"];
            graph: components["schemas"]["Graph"];
            hosts: components["schemas"]["HostRef"][];
            how: components["schemas"]["How"];
            /** @description `INC-` and a number. */
            id: string;
            /** @description So what: what it came to, the gravest first; what was planted; what still runs, once the node has looked. */
            impact?: components["schemas"]["Sentence"][];
            last: components["schemas"]["Time"];
            next_steps: components["schemas"]["NextStep"][];
            /** @description Other incidents that something here points at too. */
            related?: string[];
            /** @description From the first link out of the ordinary, with the one ordinary link above it, to the process of the gravest alert. */
            root_cause: components["schemas"]["PathStep"][];
            /** @description The story in order, as plain sentences. */
            sentences: components["schemas"]["Sentence"][];
            severity: components["schemas"]["Severity"];
            status: components["schemas"]["IncidentStatus"];
            /** @description What the person who last changed the status said. */
            status_reason?: string | null;
            tactics: components["schemas"]["Tactic"][];
            /** @description ATT&CK ids in the order they were first seen. */
            techniques: string[];
            timeline: components["schemas"]["TimelineEntry"][];
            title: components["schemas"]["Sentence"];
            /** @description When the incident last changed: an alert came or a person acted. */
            updated: components["schemas"]["Time"];
            what: components["schemas"]["What"];
            when: components["schemas"]["When"];
            where: components["schemas"]["Place"];
            who: components["schemas"]["Who"];
        };
        IncidentCounts: {
            /** Format: int64 */
            investigating: number;
            /** Format: int64 */
            open: number;
            /** Format: int64 */
            resolved: number;
        };
        IncidentDetail: {
            /** @description The evidence, oldest first, at most a thousand. */
            alerts: components["schemas"]["AlertSummary"][];
            /** @description Actions taken from this incident, newest first. */
            commands: components["schemas"]["Command"][];
            /** @description Whether the counters at the graph's processes are there. */
            counters: components["schemas"]["CounterState"];
            /** @description Files that were taken from hosts into this case, in that order. */
            files: components["schemas"]["CaseFile"][];
            incident: components["schemas"]["Incident"];
            investigation?: null | components["schemas"]["Investigation"];
            /** @description What closing it as harmless proposes, until somebody decides. */
            proposals: components["schemas"]["Suppression"][];
        };
        /** @description Newest change first. */
        IncidentPage: {
            items: components["schemas"]["IncidentSummary"][];
            /** @description None on the last page. */
            next?: string | null;
            /** Format: int64 */
            total: number;
        };
        /** @enum {string} */
        IncidentStatus: "open" | "investigating" | "resolved";
        IncidentSummary: {
            /** Format: int64 */
            alert_count: number;
            disposition?: null | components["schemas"]["Disposition"];
            first: components["schemas"]["Time"];
            hosts: components["schemas"]["HostRef"][];
            id: string;
            last: components["schemas"]["Time"];
            severity: components["schemas"]["Severity"];
            status: components["schemas"]["IncidentStatus"];
            /**
             * Format: int64
             * @description Of which something was denied, killed or quarantined with success.
             */
            stopped: number;
            tactics: components["schemas"]["Tactic"][];
            techniques: string[];
            title: components["schemas"]["Text"];
            updated: components["schemas"]["Time"];
            user?: string | null;
        };
        /** @description Status, disposition or both; a reason always. */
        IncidentUpdate: {
            disposition?: null | components["schemas"]["Disposition"];
            reason: string;
            status?: null | components["schemas"]["IncidentStatus"];
        };
        Indicator: {
            kind: components["schemas"]["IndicatorKind"];
            /** @description Where it is from, what it belongs to. */
            note?: string;
            severity?: null | components["schemas"]["Severity"];
            value: string;
        };
        /** @enum {string} */
        IndicatorKind: "ip" | "domain" | "sha256" | "path";
        IndicatorsAdd: {
            indicators: components["schemas"]["Indicator"][];
            /** @description Not searched for in what is stored. */
            only_new_events?: boolean;
        };
        IngestFigures: {
            /** Format: int64 */
            alerts: number;
            /**
             * Format: int64
             * @description Batches or events that came twice and were stored once.
             */
            duplicates: number;
            /** Format: int64 */
            events: number;
            /**
             * Format: double
             * @description Stored a second, over the last ten seconds.
             */
            events_per_second: number;
            /**
             * Format: int64
             * @description Events that could not be read or stored; never silently zero.
             */
            failed: number;
            last_error?: string | null;
        };
        IntegrityActor: {
            command_line: string;
            container?: string | null;
            entity_id: string;
            executable: string;
            image?: string | null;
            /** @description The processes above, nearest first: pid and command line. */
            lineage: string[];
            login?: string | null;
            parent?: string | null;
            /** Format: int64 */
            pid: number;
            /** Format: int64 */
            session?: number | null;
            unit?: string | null;
            user?: string | null;
        };
        IntegrityAttribute: {
            after: string;
            /** @description content, type, size, target, mode, owner, group, acl, xattr, links, device. */
            attribute: string;
            before: string;
        };
        IntegrityChange: {
            changed: components["schemas"]["IntegrityAttribute"][];
            /** @description Unified, secrets masked. */
            diff?: string | null;
            /** @description Why there is none, or that it was cut. */
            diff_note?: string | null;
            /**
             * Format: int64
             * @description Files that this stands for, and the first of them.
             */
            files: number;
            /** @description As it happened, found at start, or found by a later comparison. */
            found: components["schemas"]["IntegrityFound"];
            /** @description Of a rename: the name before. */
            from?: string | null;
            host_id?: string | null;
            host_name?: string | null;
            /** @description Unique on this page. */
            id: string;
            /** @description The package it belongs to; of a fold, all packages. */
            package?: string | null;
            path: string;
            paths: string[];
            rule?: string | null;
            severity: components["schemas"]["Severity"];
            time: components["schemas"]["Time"];
            /** @description Command line of the package manager. */
            transaction?: string | null;
            what: components["schemas"]["IntegrityKind"];
            who?: null | components["schemas"]["IntegrityActor"];
            /** @description One sentence: why it is expected, or why not. */
            why: string;
        };
        /** @enum {string} */
        IntegrityFound: "live" | "start" | "scan";
        /** @enum {string} */
        IntegrityKind: "create" | "modify" | "attributes" | "rename" | "delete" | "expected" | "unverified" | "baseline";
        IntegrityPage: {
            /** @description Newest first; expected ones of packages among them, each a fold of many files. */
            items: components["schemas"]["IntegrityChange"][];
            next?: string | null;
        };
        IntegritySection: {
            /** Format: int64 */
            changes: number;
            highest?: null | components["schemas"]["Severity"];
            /** @description `11.5.2`, or `accounts`. */
            id: string;
            /** @description Titles of the rules that answer it. */
            rules: string[];
        };
        /** @description What a period came to, arranged by PCI DSS's requirements or the subjects of the CIS benchmarks. */
        IntegritySummary: {
            /**
             * Format: int64
             * @description Told and not expected.
             */
            changes: number;
            /**
             * Format: int64
             * @description Files of packages that were held against their digests.
             */
            expected: number;
            /**
             * Format: int64
             * @description Changes of more than so many are left out of the sections: 0 when none were.
             */
            left_out: number;
            sections: components["schemas"]["IntegritySection"][];
        };
        /** @description What the node asked by itself about one incident, and what came of it. */
        Investigation: {
            /**
             * Format: int64
             * @description Alerts that the incident had when it was looked into.
             */
            alert_count: number;
            answers: components["schemas"]["Answered"][];
            /** @description `system`, or the person who asked for it. */
            by: string;
            /** @description The state of the case in one sentence. */
            conclusion: components["schemas"]["Text"];
            finished: components["schemas"]["Time"];
            /** @description Best supported first. */
            hypotheses: components["schemas"]["Weighed"][];
            incident_id: string;
            /**
             * Format: int64
             * @description Questions that applied and that the budget left out.
             */
            left_out: number;
            spent: components["schemas"]["Spent"];
            started: components["schemas"]["Time"];
        };
        /** @description What is kept of one process tree. */
        KeptTree: {
            /** @description The alert that it was stopped by. */
            alert_id?: string | null;
            /** Format: int64 */
            bytes: number;
            executable: string;
            first: components["schemas"]["Time"];
            host_id: string;
            host_name: string;
            incident_id?: string | null;
            /**
             * Format: int64
             * @description Files whose content from before is kept.
             */
            kept: number;
            last: components["schemas"]["Time"];
            /**
             * Format: int64
             * @description Files that the tree made.
             */
            made: number;
            /** @description Entity id of its root. */
            tree: string;
            /** Format: int32 */
            uid: number;
        };
        Lagged: {
            /** Format: int64 */
            missed: number;
        };
        /**
         * @description `auto` follows the browser.
         * @enum {string}
         */
        Language: "auto" | "en" | "ja";
        /** @enum {string} */
        LockPhase: "open" | "learning" | "locked";
        LockdownChange: {
            /** Format: int32 */
            days?: number | null;
            /** @enum {string} */
            kind: "trust";
            path: string;
            sha256: string;
        } | {
            /** @enum {string} */
            kind: "untrust";
            what: string;
        } | {
            /** @enum {string} */
            kind: "learn";
        } | {
            /** Format: int32 */
            days?: number | null;
            /** @enum {string} */
            kind: "lock";
            mode: components["schemas"]["Mode"];
        };
        /** @description The locks of all hosts, asked of them just now. */
        LockdownList: {
            items: components["schemas"]["HostLockdown"][];
        };
        /** @description What a host saw that nobody vouches for, and what is trusted there. */
        LockdownReport: {
            answer: components["schemas"]["HostAnswer"];
            distrusted: components["schemas"]["DistrustedContent"][];
            /** Format: int64 */
            learned: number;
            /** @description Package databases that could not be read, and why. */
            package_errors: string[];
            /** @description Trusted by hand, by list or by an updater; what was learned is only counted. */
            trusted: components["schemas"]["TrustedContent"][];
            /** @description Most often refused first. */
            unknown: components["schemas"]["UnknownFile"][];
            /**
             * Format: int64
             * @description Unknown files that found no room in the host's list.
             */
            unknown_shed: number;
        };
        /** @description A change of a host's lock. Opening it and breaking the glass are for root on the host. */
        LockdownRequest: {
            change: components["schemas"]["LockdownChange"];
            reason: string;
        };
        LockdownState: {
            /** Format: int64 */
            asked: number;
            break_glass?: null | components["schemas"]["BreakGlass"];
            by?: string | null;
            /** Format: int64 */
            denied: number;
            /** Format: int64 */
            distrusted: number;
            /** Format: int64 */
            ended: number;
            /** Format: int64 */
            listed: number;
            mode?: null | components["schemas"]["Mode"];
            /** @description Promises that this host's tier cannot keep. */
            not_kept: components["schemas"]["NotKept"][];
            phase: components["schemas"]["LockPhase"];
            /**
             * Format: int64
             * @description Ran before anyone could be asked.
             */
            ran_unasked: number;
            since?: null | components["schemas"]["Time"];
            /**
             * Format: int64
             * @description Contents trusted by name, in lists, and struck out.
             */
            trusted: number;
            /**
             * Format: int64
             * @description Ended before anyone could look.
             */
            unjudged: number;
            /**
             * Format: int64
             * @description Unknown files that were seen.
             */
            unknown: number;
            until?: null | components["schemas"]["Time"];
            /**
             * Format: int64
             * @description Would have been refused under enforce.
             */
            would_deny: number;
        };
        Lockout: {
            line: string;
            profile: string;
            program: string;
            says: string;
        };
        MatchedField: {
            field: string;
            value: string;
        };
        /** @description Who is signed in. */
        Me: {
            /** @description Send as `X-CSRF-Token` with every request that changes something. */
            csrf: string;
            expires: components["schemas"]["Time"];
            /** @description True until a password has been set: only one-time logins work so far. */
            needs_password: boolean;
            preferences: components["schemas"]["Preferences"];
            role: components["schemas"]["Role"];
            username: string;
        };
        /** @description Only what is given is changed. */
        MeUpdate: {
            density?: null | components["schemas"]["Density"];
            language?: null | components["schemas"]["Language"];
            password?: null | components["schemas"]["PasswordChange"];
            theme?: null | components["schemas"]["Theme"];
        };
        /** @enum {string} */
        Method: "hunt" | "collection";
        /**
         * @description How far a policy may go.
         * @enum {string}
         */
        Mode: "observe" | "alert" | "enforce";
        /** @description How far the policy lets the model go. */
        ModelState: {
            /**
             * @description `never`, `second-voice`, `alone`.
             * @default
             */
            block: string;
            /** @default false */
            enabled: boolean;
        };
        NextStep: {
            action?: null | components["schemas"]["SuggestedAction"];
            sentence: components["schemas"]["Sentence"];
        };
        Node: {
            alerts: string[];
            counters: components["schemas"]["Counters"];
            /** @description A process was seen to end; none until the node has looked. */
            ended?: boolean | null;
            /** @description It is the first link out of the ordinary. */
            entry: boolean;
            host: string;
            /** @description Entity id of a process; `file:HOST:PATH` or `address:IP` otherwise. */
            id: string;
            kind: components["schemas"]["NodeKind"];
            /** @description Short: a program's name, a file's name, an address. */
            label: string;
            /** @description It lies on the root-cause path. */
            on_path: boolean;
            /** @description It is there for context only: ordinary ancestors. */
            ordinary: boolean;
            /** @description Whole path of a file. */
            path?: string | null;
            process?: null | components["schemas"]["ProcessFacts"];
            severity?: null | components["schemas"]["Severity"];
        };
        NodeFacts: {
            /** @description Where agents connect. */
            agent_address: string;
            started: components["schemas"]["Time"];
            version: string;
        };
        /** @enum {string} */
        NodeKind: "process" | "file" | "address";
        NodeRule: {
            added: components["schemas"]["Time"];
            added_by: string;
            history: components["schemas"]["HistorySearch"];
            kind: components["schemas"]["NodeRuleKind"];
            name: string;
            text: string;
            /**
             * Format: int64
             * @description Counts its changes, from 1 on.
             */
            version: number;
        };
        /** @description A rule on the node with what it said before. */
        NodeRuleDetail: {
            rule?: null | components["schemas"]["NodeRule"];
            /** @description Newest first, at most a hundred. */
            versions: components["schemas"]["NodeRuleVersion"][];
        };
        /** @enum {string} */
        NodeRuleKind: "sigma" | "indicator";
        /** @description By name. */
        NodeRuleList: {
            items: components["schemas"]["NodeRule"][];
            /** @description Since the node started, by rule id. */
            told: components["schemas"]["NodeRuleTold"][];
        };
        NodeRuleTold: {
            /** Format: int64 */
            alerts: number;
            rule_id: string;
            /**
             * Format: int64
             * @description Events that met it beyond what a minute bears; stored, and told of no more.
             */
            shed: number;
        };
        NodeRuleVersion: {
            by: string;
            reason: string;
            /** @description It was taken off; `text` is empty then. */
            removed: boolean;
            text: string;
            time: components["schemas"]["Time"];
            /** Format: int64 */
            version: number;
        };
        NodeRulesAdd: {
            /**
             * Format: int64
             * @description The version that the text was changed from, 0 for a new rule: when the node has another by now, nothing is changed.
             *     Only with one rule.
             */
            base?: number | null;
            /** @description Not searched for in what is stored. */
            only_new_events?: boolean;
            /** @description Why; it stands with the version and in the audit log. */
            reason?: string | null;
            /** @description One of the same name is replaced; what it said before stays among its versions. */
            rules: components["schemas"]["RuleText"][];
        };
        /** @description Nothing is added when a rule is rejected. */
        NodeRulesAdded: {
            names: string[];
            rejected: components["schemas"]["RejectedRule"][];
        };
        NotKept: {
            attack: string;
            why: string;
        };
        OneTimeLogin: {
            expires: components["schemas"]["Time"];
            token: string;
            /** @description The console's address with the token in its fragment, which a browser never sends to a server. */
            url: string;
            username: string;
        };
        OneTimeLoginRequest: {
            /**
             * @description `admin` when not given.
             * @default null
             */
            username: string | null;
        };
        /**
         * @description What became of a decision.
         * @enum {string}
         */
        OutcomeStatus: "none" | "done" | "failed";
        Overview: {
            /** @description The last 24 hours in buckets of an hour, oldest first; the last one is still filling. */
            alerts: components["schemas"]["AlertBucket"][];
            /** @description The hundred that need a look first: away, losing events, with open incidents; then by name. */
            host_list: components["schemas"]["HostSummary"][];
            hosts: components["schemas"]["HostCounts"];
            incidents: components["schemas"]["IncidentCounts"];
            ingest: components["schemas"]["IngestFigures"];
            node: components["schemas"]["NodeFacts"];
            /** @description Open ones, gravest and newest first, at most ten. */
            open_incidents: components["schemas"]["IncidentSummary"][];
            store: components["schemas"]["StoreFigures"];
            time: components["schemas"]["Time"];
        };
        OverviewDelta: {
            /** Format: int64 */
            connected: number;
            ingest: components["schemas"]["IngestFigures"];
            /** Format: int64 */
            open_incidents: number;
            store: components["schemas"]["StoreFigures"];
        };
        /**
         * @description The package database about this path, held against the content.
         * @enum {string}
         */
        PackageWord: "nobody" | "same" | "changed" | "no-digest";
        /** @description `current` may be left out where no password is set yet. */
        PasswordChange: {
            current?: string | null;
            /** @description Twelve characters at least. */
            new: string;
        };
        PasswordSignIn: {
            password: string;
            username: string;
        };
        PathStep: {
            alerts: string[];
            command_line: string;
            executable: string;
            name: string;
            node: string;
            ordinary: boolean;
            /** @description Why it is thought ordinary, or not. */
            reason: components["schemas"]["Sentence"];
            relation?: null | components["schemas"]["EdgeKind"];
        };
        Place: {
            /** @description Remote addresses, at most twenty. */
            addresses: string[];
            containers: string[];
            /** @description Files touched, gravest first, at most twenty. */
            files: string[];
            hosts: components["schemas"]["HostRef"][];
            sentence: components["schemas"]["Sentence"];
            units: string[];
        };
        Policy: {
            hosts: components["schemas"]["PolicyHost"][];
            name: string;
            text: string;
            /** Format: int64 */
            version: number;
            /** @description Newest first, at most fifty. */
            versions: components["schemas"]["PolicyVersion"][];
        };
        PolicyCheck: {
            fault?: null | components["schemas"]["PolicyFault"];
            ok: boolean;
        };
        PolicyCheckRequest: {
            text: string;
        };
        PolicyFault: {
            /** @description `gate.timeout_ms`; empty when the fault is not in a field. */
            field: string;
            /**
             * Format: int64
             * @description From 1; 0 when the fault belongs to the whole.
             */
            line: number;
            message: string;
        };
        PolicyGiven: {
            at: components["schemas"]["Time"];
            /** @description What the host said. */
            detail: string;
            policy: string;
            state: components["schemas"]["PolicyState"];
            /** Format: int64 */
            version: number;
        };
        /** @description What the node gave a host, and what became of it. */
        PolicyHost: {
            connected: boolean;
            given?: null | components["schemas"]["PolicyGiven"];
            host_id: string;
            host_name: string;
        };
        PolicyList: {
            /** @description Every host, by name. */
            hosts: components["schemas"]["PolicyHost"][];
            items: components["schemas"]["PolicySummary"][];
        };
        /** @enum {string} */
        PolicyState: "pending" | "in_force" | "refused";
        PolicySummary: {
            by: string;
            /**
             * Format: int64
             * @description Hosts that were given any version of it.
             */
            hosts: number;
            mode: components["schemas"]["Mode"];
            name: string;
            reason: string;
            updated: components["schemas"]["Time"];
            /**
             * Format: int64
             * @description The newest; numbers are unique over all policies of the node.
             */
            version: number;
        };
        PolicyText: {
            name: string;
            text: string;
            /** Format: int64 */
            version: number;
        };
        PolicyVersion: {
            by: string;
            reason: string;
            time: components["schemas"]["Time"];
            /** Format: int64 */
            version: number;
        };
        PolicyWrite: {
            /**
             * Format: int64
             * @description The version that was edited; another one meanwhile is a conflict. None for a new policy.
             */
            base?: number | null;
            reason: string;
            text: string;
        };
        Preferences: {
            density: components["schemas"]["Density"];
            language: components["schemas"]["Language"];
            theme: components["schemas"]["Theme"];
        };
        PreventionSimulation: {
            /** Format: int64 */
            denied: number;
            /**
             * Format: int64
             * @description Acts of those whom a profile confines, and those of them that it denies.
             */
            judged: number;
            /**
             * Format: int64
             * @description Different acts that were not judged or are not listed.
             */
            left_out: number;
            /** Format: int64 */
            profiles: number;
            /** @description Most frequent first. */
            would_deny: components["schemas"]["DeniedAct"][];
        };
        Problem: {
            code: components["schemas"]["ProblemCode"];
            /** Format: int64 */
            column?: number | null;
            detail: string;
            /**
             * Format: int64
             * @description Where in the text the error stands (SQL): 1-based.
             */
            line?: number | null;
            /**
             * Format: int64
             * @description Seconds until it is worth trying again.
             */
            retry_after?: number | null;
            /** Format: int32 */
            status: number;
            title: string;
            /** @description `urn:tamon:problem:` and the code. */
            type: string;
        };
        /** @enum {string} */
        ProblemCode: "bad_request" | "not_signed_in" | "bad_credentials" | "forbidden" | "csrf_missing" | "not_found" | "method_not_allowed" | "conflict" | "body_too_large" | "invalid" | "query_refused" | "query_invalid" | "query_limit" | "too_many_requests" | "internal" | "unavailable" | "timeout";
        ProcessFacts: {
            command_line: string;
            container_id?: string | null;
            container_image?: string | null;
            entity_id: string;
            executable: string;
            fileless: boolean;
            login?: string | null;
            /** @description Address that the log-in came from. */
            login_source?: string | null;
            name: string;
            package?: string | null;
            /** Format: int32 */
            pid: number;
            /** Format: int32 */
            session?: number | null;
            sha256?: string | null;
            started: components["schemas"]["Time"];
            unit?: string | null;
            user?: string | null;
            /** Format: int32 */
            user_id: number;
        };
        /** @description The running processes of a host, asked of it just now. */
        ProcessTree: {
            answer: components["schemas"]["HostAnswer"];
            collected?: null | components["schemas"]["Time"];
            processes: components["schemas"]["HostProcess"][];
            /** @description The host has more than it sent. */
            truncated: boolean;
        };
        /**
         * @description A protection that a tier may lack.
         * @enum {string}
         */
        Protection: "process_activity" | "file_activity" | "network_activity" | "kernel_activity" | "memory_activity" | "io_uring_activity" | "deny_exec" | "deny_read" | "deny_connect" | "deny_file_write" | "deny_ptrace" | "deny_module" | "self_protection";
        QuarantineItem: {
            /** @default  */
            host_id: string;
            /** @default  */
            host_name: string;
            /** @default  */
            id: string;
            /** @default  */
            mode: string;
            /**
             * Format: int32
             * @description Owner's uid and permission bits in octal, as they were.
             * @default 0
             */
            owner: number;
            /**
             * @description Where the file was.
             * @default
             */
            path: string;
            /** @default  */
            reason: string;
            /** @default  */
            sha256: string;
            /**
             * Format: int64
             * @default 0
             */
            size: number;
            /** @default null */
            time: null | components["schemas"]["Time"];
        };
        /** @description What the hosts' vaults hold, asked of them just now. */
        QuarantineList: {
            /** @description Every host asked, also those that did not answer. */
            hosts: components["schemas"]["HostAnswer"][];
            items: components["schemas"]["QuarantineItem"][];
        };
        RatePoint: {
            /** Format: int64 */
            events: number;
            start: components["schemas"]["Time"];
        };
        RecoveryHost: {
            answer: components["schemas"]["HostAnswer"];
            store?: null | components["schemas"]["RecoveryStore"];
        };
        /** @description What could be undone on the hosts, asked of them just now; newest first. */
        RecoveryList: {
            /** @description Every host asked, also those that did not answer. */
            hosts: components["schemas"]["RecoveryHost"][];
            items: components["schemas"]["KeptTree"][];
        };
        /** @description Counted since the agent started. */
        RecoveryStore: {
            /**
             * Format: int64
             * @default 0
             */
            bytes: number;
            /**
             * Format: int64
             * @default 0
             */
            failed: number;
            /**
             * Format: int64
             * @default 0
             */
            files: number;
            /**
             * Format: int64
             * @default 0
             */
            full: number;
            /**
             * Format: int64
             * @description Pushed out before their time.
             * @default 0
             */
            pushed_out: number;
            /**
             * Format: int64
             * @description Not kept: too large, no room, could not be read.
             * @default 0
             */
            too_large: number;
        };
        RefusedProgram: {
            /** Format: int64 */
            count: number;
            /** @description `denied` or `unsure`. */
            outcome: string;
            path: string;
            reason: string;
            sha256?: string | null;
        };
        RejectedRule: {
            file: string;
            reason: string;
            rule_id?: string | null;
        };
        ResponseAction: {
            entity_id: string;
            host_id: string;
            /** @enum {string} */
            kind: "kill_tree";
        } | {
            host_id: string;
            /** @enum {string} */
            kind: "quarantine";
            path: string;
        };
        RestoreFacts: {
            /** @description When it leaves the vault for good. */
            expires: components["schemas"]["Time"];
            folder_there: boolean;
            /** Format: int32 */
            gid: number;
            mode: string;
            path: string;
            quarantined: components["schemas"]["Time"];
            reason: string;
            scan?: null | components["schemas"]["ScannedFile"];
            sha256: string;
            /** Format: int64 */
            size: number;
            /** @description Something stands at its place by now: it will not be written over. */
            taken: boolean;
            /** Format: int32 */
            uid: number;
            who: string;
        };
        /** @description What putting a file back would come to. */
        RestorePreview: {
            answer: components["schemas"]["HostAnswer"];
            item?: null | components["schemas"]["RestoreFacts"];
        };
        RestoreRequest: {
            host_id: string;
            reason: string;
        };
        RevokeRequest: {
            reason: string;
        };
        /**
         * @description From the least to the most that one may do; each includes the ones before.
         * @enum {string}
         */
        Role: "viewer" | "analyst" | "admin";
        RollbackReport: {
            files: components["schemas"]["RolledBackFile"][];
            /**
             * Format: int64
             * @description Files that are not listed.
             */
            left_out: number;
            preview: boolean;
            trees: string[];
        };
        RollbackRequest: {
            host_id: string;
            incident_id?: string | null;
            /** @description True: say what it would do, touch nothing. */
            preview?: boolean;
            /** @description Needed unless `preview`. */
            reason?: string | null;
            /** @description Entity ids of processes; those of the incident when not given. */
            trees?: string[];
        };
        RollbackResponse: {
            answer?: null | components["schemas"]["HostAnswer"];
            command?: null | components["schemas"]["Command"];
            report?: null | components["schemas"]["RollbackReport"];
        };
        RolledBackFile: {
            /** Format: int64 */
            bytes: number;
            /** @description Why, where it is not as it was. */
            detail: string;
            done: components["schemas"]["Undone"];
            path: string;
        };
        Rollout: {
            /** @description One a host; none for a preview. */
            commands: components["schemas"]["Command"][];
            /** @description Each with what it was given before. */
            hosts: components["schemas"]["PolicyHost"][];
            /** Format: int64 */
            version: number;
        };
        RolloutRequest: {
            host_ids: string[];
            /** @description True: say what it would do, do nothing. */
            preview?: boolean;
            /** @description Needed unless `preview`. */
            reason?: string | null;
            /**
             * Format: int64
             * @description Of this policy; the newest when not given.
             */
            version?: number | null;
        };
        RuleChange: {
            /** @description As in the audit log. */
            action: string;
            actor: string;
            detail: string;
            time: components["schemas"]["Time"];
        };
        RuleDay: {
            /** Format: int64 */
            alerts: number;
            /** @description `2026-11-22`, UTC. */
            day: string;
        };
        RuleDetail: {
            description: string;
            /** @description The days' events could be counted; alerts always can. */
            events_known: boolean;
            /** @description Events that it must find and such that it must not, where it came with any. */
            fires: components["schemas"]["RuleSample"][];
            /** @description The last thirty days, oldest first, days without any too. */
            history: components["schemas"]["RuleFoundDay"][];
            on_node?: null | components["schemas"]["NodeRuleDetail"];
            silent: components["schemas"]["RuleSample"][];
            summary: components["schemas"]["RuleSummary"];
            /** @description As it is written; none for a detector. */
            text?: string | null;
        };
        RuleFoundDay: {
            /**
             * Format: int64
             * @description Alerts that it stands in.
             */
            alerts: number;
            day: components["schemas"]["Time"];
            /**
             * Format: int64
             * @description Events that it stands on, told or not.
             */
            events: number;
        };
        RuleHistory: {
            /** Format: int64 */
            alerts: number;
            /** Format: int64 */
            benign: number;
            /** @description Of one rule that was asked for: who changed what about it, newest first. */
            changes: components["schemas"]["RuleChange"][];
            /** @description Of one rule that was asked for: the last thirty days that have any. */
            days: components["schemas"]["RuleDay"][];
            /** Format: int64 */
            false_positive: number;
            first: components["schemas"]["Time"];
            last: components["schemas"]["Time"];
            /**
             * Format: double
             * @description Share of true positives among the decided, 0 to 1; none while nothing is decided.
             */
            precision?: number | null;
            rule_id: string;
            /**
             * Format: int64
             * @description Of which a suppression silenced.
             */
            suppressed: number;
            /** @description Ids of suppressions that name this rule and are in force. */
            suppressions: string[];
            title: string;
            /**
             * Format: int64
             * @description Incidents with an alert of it, by what they turned out to be.
             */
            true_positive: number;
            /** Format: int64 */
            undecided: number;
        };
        /** @description Most alerts first. */
        RuleHistoryList: {
            items: components["schemas"]["RuleHistory"][];
        };
        RuleHost: {
            answer: components["schemas"]["HostAnswer"];
            /**
             * Format: int64
             * @description Files of the operator that are not listed.
             */
            left_out: number;
            /** @description Rules that cannot be used there, and why. */
            rejected: components["schemas"]["RejectedRule"][];
            /**
             * Format: int64
             * @description Sigma rules in use there; none when it did not answer.
             */
            usable?: number | null;
            /** @description Of its agent: its built-in rules are those of this version. */
            version?: string | null;
        };
        /** @enum {string} */
        RuleKind: "sigma" | "sequence" | "yara" | "detector";
        RuleList: {
            /** @description Every host asked which rules it has, also those that did not answer. */
            hosts: components["schemas"]["RuleHost"][];
            items: components["schemas"]["RuleSummary"][];
        };
        /** @description Events in their order: one for a rule, several for a sequence. */
        RuleSample: {
            events: components["schemas"]["EventRow"][];
        };
        RuleSummary: {
            /**
             * Format: int64
             * @description Alerts of the last thirty days that it stands in.
             */
            alerts: number;
            /** @description Comes with the product; else an operator's: on the node, or on the hosts that `hosts` names. */
            builtin: boolean;
            file?: string | null;
            /** @description Names of hosts that have it, for an operator's rule. */
            hosts: string[];
            id: string;
            kind: components["schemas"]["RuleKind"];
            last?: null | components["schemas"]["Time"];
            /** @description Its file's name among the node's rules, where it stands there: it is held to what arrives from every host. */
            node?: string | null;
            /** @description Why it cannot be used, as the node's own compiler or a host says. */
            rejected?: string | null;
            severity?: null | components["schemas"]["Severity"];
            tactics: components["schemas"]["Tactic"][];
            techniques: string[];
            title: string;
        };
        RuleTestEvent: {
            /** @description Why it is no event. */
            fault?: string | null;
            hits: components["schemas"]["RuleTestHit"][];
        };
        RuleTestHit: {
            detail: string;
            matched: components["schemas"]["MatchedField"][];
            rule_id: string;
            severity: components["schemas"]["Severity"];
            title: string;
        };
        RuleTestRequest: {
            /** @description At most a thousand, in the order of their time. */
            events?: components["schemas"]["EventRow"][];
            rules: components["schemas"]["RuleText"][];
        };
        RuleTestResult: {
            /** @description One for each event, in their order. */
            events: components["schemas"]["RuleTestEvent"][];
            rejected: components["schemas"]["RejectedRule"][];
            /** Format: int64 */
            usable: number;
        };
        /** @description A file of Sigma rules. */
        RuleText: {
            /** @description By which the answer calls it. */
            name: string;
            text: string;
        };
        SavedQuery: {
            /** @description Comes with the product; cannot be changed. */
            builtin: boolean;
            description: string;
            id: string;
            name: string;
            owner: string;
            sql: string;
            updated: components["schemas"]["Time"];
        };
        SavedQueryList: {
            items: components["schemas"]["SavedQuery"][];
        };
        SavedQueryWrite: {
            description?: string;
            name: string;
            sql: string;
        };
        /** @description Since the agent started. */
        ScanCounters: {
            /**
             * Format: int64
             * @default 0
             */
            excluded: number;
            /**
             * Format: int64
             * @default 0
             */
            files: number;
            /**
             * Format: int64
             * @description Not looked into because the queue was full.
             * @default 0
             */
            shed: number;
            /**
             * Format: int64
             * @description Neither clean nor detected: not read to the end.
             * @default 0
             */
            unjudged: number;
        };
        ScanJob: {
            asked: components["schemas"]["Time"];
            by: string;
            ended?: null | components["schemas"]["Time"];
            /** @description Files that are not clean, as they were met. */
            found: components["schemas"]["ScannedFile"][];
            host_id: string;
            host_name: string;
            /** @description The command's. */
            id: string;
            /**
             * Format: int64
             * @description Such files that are not listed here; each is an alert all the same.
             */
            left_out: number;
            paths: string[];
            reason: string;
            started?: null | components["schemas"]["Time"];
            state: components["schemas"]["ScanState"];
            /** @description So far; the whole once it is done. */
            summary: components["schemas"]["ScanSummary"];
            /** @description Why it failed. */
            why?: string | null;
        };
        /** @description Scans that were ordered, asked of the hosts just now; newest first. */
        ScanList: {
            /** @description Every host asked, also those that did not answer. */
            hosts: components["schemas"]["HostAnswer"][];
            items: components["schemas"]["ScanJob"][];
        };
        ScanRequest: {
            host_ids: string[];
            /** @description Absolute paths of files or folders, 1 to 64. */
            paths: string[];
            reason: string;
        };
        /** @enum {string} */
        ScanState: "waiting" | "running" | "done" | "failed" | "stopped" | "interrupted";
        ScanStopRequest: {
            host_id: string;
            reason: string;
        };
        ScanSummary: {
            /**
             * Format: int64
             * @default 0
             */
            bytes: number;
            /**
             * Format: int64
             * @default 0
             */
            clean: number;
            /**
             * Format: int64
             * @default 0
             */
            errors: number;
            /**
             * Format: int64
             * @default 0
             */
            files: number;
            /**
             * Format: int64
             * @description Not read to the end.
             * @default 0
             */
            incomplete: number;
            /**
             * Format: int64
             * @default 0
             */
            malicious: number;
            /**
             * Format: int64
             * @default 0
             */
            skipped: number;
            /**
             * Format: int64
             * @description While it runs: detections of either kind.
             * @default 0
             */
            suspicious: number;
        };
        /** @enum {string} */
        ScanVerdict: "clean" | "suspicious" | "malicious" | "incomplete" | "error";
        /** @description One file with what each voice said of it. */
        ScannedFile: {
            findings: components["schemas"]["FileFinding"][];
            /** @description Why it is incomplete or an error, or what else was noticed. */
            note?: string | null;
            path: string;
            sha256?: string | null;
            /** Format: int64 */
            size: number;
            verdict: components["schemas"]["ScanVerdict"];
            voices: components["schemas"]["DecisionReason"][];
        };
        /** @description What the hosts judge files by, asked of them just now. */
        ScannerList: {
            items: components["schemas"]["HostScanner"][];
        };
        ScannerState: {
            /**
             * @default {
             *       "enabled": false,
             *       "block": ""
             *     }
             */
            model: components["schemas"]["ModelState"];
            /**
             * @description What keeps the agent from doing all it should, in its words.
             * @default []
             */
            problems: string[];
            /**
             * @default {
             *       "files": 0,
             *       "unjudged": 0,
             *       "shed": 0,
             *       "excluded": 0
             *     }
             */
            scans: components["schemas"]["ScanCounters"];
            /**
             * @default {
             *       "version": null,
             *       "update": "",
             *       "refused": null,
             *       "looked": null,
             *       "files": 0,
             *       "yara_rules": 0,
             *       "digests": 0,
             *       "patterns": 0,
             *       "models": [],
             *       "rejected": 0
             *     }
             */
            signatures: components["schemas"]["SignatureState"];
            /**
             * @default {
             *       "state": ""
             *     }
             */
            sweep: components["schemas"]["SweepState"];
        };
        /** @description One sentence as data: a key, its arguments, and what it rests on. `text` is its rendering in each language. */
        Sentence: {
            args?: {
                [key: string]: string;
            };
            /** @description Ids of the alerts that prove it. */
            evidence?: string[];
            key: string;
            text: components["schemas"]["Text"];
        };
        /**
         * @description From the mildest to the gravest.
         * @enum {string}
         */
        Severity: "info" | "low" | "medium" | "high" | "critical";
        /** @description Either user name and password, or a one-time login token. */
        SignIn: components["schemas"]["PasswordSignIn"] | components["schemas"]["TokenSignIn"];
        /** @description The set in force. */
        SignatureState: {
            /**
             * Format: int64
             * @default 0
             */
            digests: number;
            /**
             * Format: int64
             * @default 0
             */
            files: number;
            /** @default null */
            looked: null | components["schemas"]["Time"];
            /**
             * @description Name and version of each model in force.
             * @default []
             */
            models: string[];
            /**
             * Format: int64
             * @default 0
             */
            patterns: number;
            /**
             * @description Why a set that was brought is not in force.
             * @default null
             */
            refused: string | null;
            /**
             * Format: int64
             * @description Files or rules that could not be used.
             * @default 0
             */
            rejected: number;
            /**
             * @description What the last look for a newer set came to.
             * @default
             */
            update: string;
            /**
             * Format: int64
             * @description Of the signed set that was brought; none: what is built in and what lies in the content folders.
             * @default null
             */
            version: number | null;
            /**
             * Format: int64
             * @default 0
             */
            yara_rules: number;
        };
        /** @description The past under another policy. */
        Simulation: {
            from: components["schemas"]["Time"];
            hosts: components["schemas"]["HostSimulation"][];
            to: components["schemas"]["Time"];
        };
        SimulationRequest: {
            /**
             * Format: int32
             * @description 1 to 30; 7 when not given.
             */
            days?: number | null;
            /** @description 1 to 50 hosts. */
            host_ids: string[];
            text: string;
        };
        /** @description What an investigation cost. */
        Spent: {
            /**
             * Format: int64
             * @description Of what hosts sent.
             */
            bytes: number;
            /** Format: int64 */
            collections: number;
            /** Format: int64 */
            elapsed_ms: number;
            /** Format: int64 */
            hunts: number;
        };
        StartSimulation: {
            /** Format: int64 */
            denied_starts: number;
            /**
             * Format: int64
             * @description Programs that were not judged.
             */
            left_out: number;
            /** Format: int64 */
            programs: number;
            /** Format: int64 */
            starts: number;
            /** @description What the host cannot do without and a lock would refuse: such a lock is refused. */
            vital: components["schemas"]["VitalProgram"][];
            /** @description What a lock would refuse or cannot be sure of, most started first. */
            would_refuse: components["schemas"]["RefusedProgram"][];
        };
        StoreFigures: {
            /** Format: int64 */
            bytes: number;
            /**
             * Format: int64
             * @description Places on disk that cannot be read; what they held is missing from every answer.
             */
            damaged: number;
            /** Format: int64 */
            events: number;
            /**
             * Format: int64
             * @description Rows that stand only in the write-ahead log so far.
             */
            pending_events: number;
            /** Format: int64 */
            segments: number;
        };
        StreamEvent: {
            /** @description First on every connection, then every two seconds. */
            data: components["schemas"]["OverviewDelta"];
            /** @enum {string} */
            type: "overview";
        } | {
            data: components["schemas"]["AlertSummary"];
            /** @enum {string} */
            type: "alert";
        } | {
            /** @description New or changed. */
            data: components["schemas"]["IncidentSummary"];
            /** @enum {string} */
            type: "incident";
        } | {
            /** @description Connected, gone, or with new figures. */
            data: components["schemas"]["HostSummary"];
            /** @enum {string} */
            type: "host";
        } | {
            data: components["schemas"]["Command"];
            /** @enum {string} */
            type: "command";
        } | {
            /** @description This reader was too slow and missed events: load the page's data again. */
            data: components["schemas"]["Lagged"];
            /** @enum {string} */
            type: "lagged";
        };
        /** @description What the page may offer as a button. */
        SuggestedAction: {
            entity_id: string;
            host_id: string;
            /** @enum {string} */
            kind: "kill_tree";
        } | {
            host_id: string;
            /** @enum {string} */
            kind: "quarantine";
            path: string;
        } | {
            /** @enum {string} */
            kind: "hunt";
            sql: string;
        };
        Suppression: {
            created: components["schemas"]["Time"];
            created_by: string;
            expires: components["schemas"]["Time"];
            /** @description Column of the event, `label.NAME` or `title`, and what its value must be; `*` stands for any run of characters. */
            fields?: {
                [key: string]: string;
            };
            /**
             * Format: int64
             * @description Alerts that it has silenced.
             */
            hits?: number;
            /** @description Host id; every host when not given. */
            host_id?: string | null;
            id: string;
            /** @description The closed case that proposed it. */
            incident_id?: string | null;
            last_hit?: null | components["schemas"]["Time"];
            reason: string;
            /** @description Rule id, `*` for any run of characters; every rule when not given. */
            rule?: string | null;
            state: components["schemas"]["SuppressionState"];
            /**
             * @description On the host, what it covers is neither ended nor taken away: that is told, the first time in a day aloud. Without it a
             *     stop happens and is told like any other.
             */
            stops?: boolean;
        };
        /** @description A rule, fields or both, and a reason. */
        SuppressionCreate: {
            /**
             * Format: int32
             * @description 1 to 366; 30 when not given.
             */
            days?: number | null;
            /** @description Column, `label.NAME` or `title`, and what its value must be; `*` stands for any run of characters. */
            fields?: {
                [key: string]: string;
            };
            /** @description Host id; the whole tenant when not given. */
            host_id?: string | null;
            reason: string;
            /** @description Rule id, `*` for any run of characters. */
            rule?: string | null;
            /** @description Nor does a host end or take away what it covers; that is told, the first time in a day aloud. */
            stops?: boolean;
        };
        SuppressionDecision: {
            /**
             * Format: int32
             * @description Of an accepted proposal: 1 to 366; as proposed when not given.
             */
            days?: number | null;
            reason: string;
        };
        /** @description Newest first, removed and expired ones too. */
        SuppressionList: {
            /** @description Hosts that do not hold what is in force yet: they are away, or too old for it. For them the node keeps quiet alone. */
            hosts_behind: string[];
            items: components["schemas"]["Suppression"][];
        };
        /** @enum {string} */
        SuppressionState: "proposed" | "active" | "removed";
        SweepState: {
            /**
             * @description The scheduled scan under way, or the last, in words.
             * @default
             */
            state: string;
        };
        /**
         * @description ATT&CK's tactics by their short names.
         * @enum {string}
         */
        Tactic: "reconnaissance" | "resource-development" | "initial-access" | "execution" | "persistence" | "privilege-escalation" | "defense-evasion" | "credential-access" | "discovery" | "lateral-movement" | "collection" | "command-and-control" | "exfiltration" | "impact";
        Text: {
            en: string;
            ja: string;
        };
        /** @enum {string} */
        Theme: "auto" | "light" | "dark";
        /**
         * @description What a host can keep of our promises.
         * @enum {string}
         */
        Tier: "observe" | "gate" | "enforce";
        /**
         * Format: date-time
         * @description RFC 3339 with nanoseconds and `Z`.
         * @example 2026-11-22T23:10:00.000000000Z
         */
        Time: string;
        TimelineEntry: {
            alert?: string | null;
            host: string;
            /** @description The node of the graph it happened at. */
            node?: string | null;
            sentence: components["schemas"]["Sentence"];
            severity: components["schemas"]["Severity"];
            techniques: string[];
            time: components["schemas"]["Time"];
        };
        TokenSignIn: {
            token: string;
        };
        TrustAnswer: {
            answer: components["schemas"]["HostAnswer"];
            consequence?: null | components["schemas"]["TrustConsequence"];
        };
        /** @description What trusting this content at this path would come to. */
        TrustConsequence: {
            /** @description The same content at other paths, which stays refused. */
            elsewhere: string[];
            exists: boolean;
            file?: null | components["schemas"]["TrustedFileFacts"];
            /** @description False: the lock does not ask about this path at all. */
            in_scope: boolean;
            /** @description A shell or an interpreter: scripts are asked about on their own, `-c` and standard input by the policy. */
            interpreter: boolean;
            path: string;
            reasons: string[];
            /** @description Somebody vouches for it already. */
            runs_already?: boolean | null;
            /** @description The path still holds that content; where it does not, nothing can be trusted. */
            same: boolean;
            scan?: null | components["schemas"]["ScannedFile"];
            /** @description How it was used and refused so far. */
            seen: components["schemas"]["UnknownFile"][];
            /** @description The content that would be trusted. */
            sha256?: string | null;
            sha256_now?: string | null;
        };
        TrustQuestion: {
            path: string;
            /** @description The content that was refused. */
            sha256?: string | null;
        };
        TrustedContent: {
            at: components["schemas"]["Time"];
            by: string;
            path?: string | null;
            sha256: string;
            source: string;
            until?: null | components["schemas"]["Time"];
        };
        TrustedFileFacts: {
            distrusted?: string | null;
            /** Format: int32 */
            gid: number;
            /** Format: int64 */
            links: number;
            mode: string;
            /** @description It and every folder above it can be written by root alone. */
            only_root_writes: boolean;
            package?: string | null;
            package_says: components["schemas"]["PackageWord"];
            /** @description Where links lead, when elsewhere. */
            real_path?: string | null;
            /** Format: int64 */
            size: number;
            /** Format: int32 */
            uid: number;
            written_by?: string | null;
        };
        /** @enum {string} */
        Undone: "restored" | "linked" | "deleted" | "unchanged" | "beside" | "failed";
        UnknownFile: {
            /** @description Program that asked, last. */
            by: string;
            /** Format: int64 */
            count: number;
            /**
             * Format: int64
             * @description How often it was refused.
             */
            denied: number;
            first: components["schemas"]["Time"];
            /** @description It is a file, which can be trusted. */
            is_file: boolean;
            last: components["schemas"]["Time"];
            path: string;
            reason: string;
            sha256?: string | null;
            /** @description `program`, `script`, `library`, or an act without a file of its own. */
            usage: string;
            user: string;
        };
        UserCreate: {
            role: components["schemas"]["Role"];
            /** @description 1 to 64 of letters, digits, `.`, `-`, `_`. */
            username: string;
        };
        UserEntry: {
            created: components["schemas"]["Time"];
            has_password: boolean;
            role: components["schemas"]["Role"];
            username: string;
        };
        UserList: {
            items: components["schemas"]["UserEntry"][];
        };
        VitalProgram: {
            path: string;
            reason: string;
            /** @description Why it is vital; none for what merely runs now. */
            role?: string | null;
        };
        Vote: {
            alerts: string[];
            /**
             * Format: int32
             * @description Index in `answers`; none when it rests on the alerts themselves.
             */
            answer?: number | null;
            because: components["schemas"]["Text"];
            /** Format: int32 */
            weight: number;
        };
        /** @description A hypothesis and what speaks for and against it. */
        Weighed: {
            /** Format: int32 */
            against: number;
            id: string;
            name: components["schemas"]["Text"];
            /** @description Gravest first. */
            reasons: components["schemas"]["Vote"][];
            /** Format: int32 */
            support: number;
        };
        What: {
            /** @description Alerts by severity. */
            alerts: {
                [key: string]: number;
            };
            sentence: components["schemas"]["Sentence"];
            /** @description What was done against it (`deny`, `kill`, `quarantine`) and how often with success. */
            stopped: {
                [key: string]: number;
            };
        };
        When: {
            /** Format: int64 */
            duration_ms: number;
            first: components["schemas"]["Time"];
            last: components["schemas"]["Time"];
            sentence: components["schemas"]["Sentence"];
        };
        Who: {
            /** @description The person who had logged in, where there was a login. */
            login?: string | null;
            sentence: components["schemas"]["Sentence"];
            /** Format: int32 */
            session?: number | null;
            /** @description Address the attack came from, where one was seen. */
            source?: string | null;
            /** @description The account under which the attack began. */
            user?: string | null;
            /** Format: int32 */
            user_id?: number | null;
            /** @description Every account seen acting. */
            users: string[];
        };
    };
    responses: {
        /** @description `bad_request`: The request cannot be read */
        Problem400: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `not_signed_in`: Not signed in; `bad_credentials`: User, password or token is wrong */
        Problem401: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `forbidden`: Not allowed; `csrf_missing`: The request lacks its CSRF token */
        Problem403: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `not_found`: Not found */
        Problem404: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `body_too_large`: The body is too large */
        Problem413: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `invalid`: A value is not acceptable; `query_refused`: The query is not allowed; `query_invalid`: The query has an error; `query_limit`: The query went past its limits */
        Problem422: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
    };
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    get_openapi: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description This document */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Anything else that went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    act: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ActionsRequest"];
            };
        };
        responses: {
            /** @description Kill process trees and quarantine files anywhere, or say what that would do */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ActionsResponse"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            413: components["responses"]["Problem413"];
            422: components["responses"]["Problem422"];
            /** @description Anything else that went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_agents: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Enrolled agents */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AgentList"];
                };
            };
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            /** @description Anything else that went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    revoke_agent: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RevokeRequest"];
            };
        };
        responses: {
            /** @description Shut an agent out for good */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AgentEntry"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            413: components["responses"]["Problem413"];
            422: components["responses"]["Problem422"];
            /** @description Anything else that went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    create_enrolment_token: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["EnrolmentTokenRequest"];
            };
        };
        responses: {
            /** @description A token with which one agent may enrol */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnrolmentToken"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            413: components["responses"]["Problem413"];
            422: components["responses"]["Problem422"];
            /** @description Anything else that went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    create_one_time_login: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["OneTimeLoginRequest"];
            };
        };
        responses: {
            /** @description A login for one use */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OneTimeLogin"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            413: components["responses"]["Problem413"];
            422: components["responses"]["Problem422"];
            /** @description Anything else that went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_users: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Users of the console */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UserList"];
                };
            };
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            /** @description Anything else that went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    create_user: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UserCreate"];
            };
        };
        responses: {
            /** @description A new user; give them a one-time login */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UserEntry"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            413: components["responses"]["Problem413"];
            422: components["responses"]["Problem422"];
            /** @description Anything else that went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_alerts: {
        parameters: {
            query?: {
                /** @description This severity or graver. */
                severity?: components["schemas"]["Severity"];
                /** @description Host id. */
                host?: string;
                /** @description ATT&CK id; a technique finds its sub-techniques too. */
                technique?: string;
                /** @description Incident id. */
                incident?: string;
                /** @description Names with commas: alerts in which one of these engines found something. */
                engines?: string;
                /** @description Rule id: alerts in which it found something. */
                rule?: string;
                /** @description Found in title, detail, process, user, host. */
                text?: string;
                /** @description RFC 3339; only alerts from then on. */
                since?: string;
                /** @description 1 to 200; 50 when not given. */
                limit?: number;
                /** @description `next` of the page before. */
                after?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Alerts, newest first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AlertPage"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            422: components["responses"]["Problem422"];
            /** @description Anything else that went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_alert: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One alert with its event, reasons and lineage */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AlertDetail"];
                };
            };
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            /** @description Anything else that went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_attack_matrix: {
        parameters: {
            query?: {
                /** @description How far back, 1 to 8760; 168 when not given. */
                hours?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Techniques by tactic: what could be told of each, and what was */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AttackMatrix"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            422: components["responses"]["Problem422"];
            /** @description Anything else that went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_attack_layer: {
        parameters: {
            query?: {
                hours?: number;
                /** @description `coverage` when not given. */
                kind?: "coverage" | "told";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The same as a layer of the ATT&CK Navigator */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            422: components["responses"]["Problem422"];
            /** @description Anything else that went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_audit: {
        parameters: {
            query?: {
                /** @description 1 to 200; 50 when not given. */
                limit?: number;
                /** @description `next` of the page before. */
                after?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Who did what, newest first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AuditPage"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            422: components["responses"]["Problem422"];
            /** @description Anything else that went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_baselines: {
        parameters: {
            query?: {
                /** @description Host id: what that host has learned, asked of it now. The fleet's when neither host nor role is given. */
                host?: string;
                /** @description Of all hosts of one role. */
                role?: string;
                relation?: "programs" | "starts" | "user_starts" | "talks" | "names" | "logins" | "reaches" | "writes";
                /** @description Found in the name of the program or user. */
                text?: string;
                /** @description Subjects, and items of each; 1 to 500, 40 when not given. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What a host, a role or the fleet has learned to be normal */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BaselineView"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            422: components["responses"]["Problem422"];
            /** @description Anything else that went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_command: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What became of a command */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Command"];
                };
            };
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            /** @description Anything else that went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_rollback_report: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What a roll-back did, file by file */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RollbackReport"];
                };
            };
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            /** @description Anything else that went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_events: {
        parameters: {
            query?: {
                /** @description Host id. */
                host?: string;
                /** @description process, file, network, dns, iam, kernel, sensor. */
                category?: string;
                /** @description ECS `event.action`, as `process-exec`. */
                action?: string;
                /** @description Found in the program, its command line, the file's path, the name asked for or the remote address. */
                text?: string;
                /** @description Entity id of the acting process. */
                process?: string;
                /** @description `follow` of an answer before, or `now`: events stored since then, oldest first. */
                since?: string;
                /** @description With `since`: wait up to this many seconds (at most 30) until there is one. */
                wait?: number;
                /** @description `next` of the page before: older events. */
                before?: string;
                /** @description 1 to 1000; 100 when not given. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Events; follow them with `since` */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EventPage"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            422: components["responses"]["Problem422"];
            /** @description Anything else that went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_hosts: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Every host, by name */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HostList"];
                };
            };
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            /** @description Anything else that went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_host: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One host */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HostDetail"];
                };
            };
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            /** @description Anything else that went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_host_events: {
        parameters: {
            query?: {
                /** @description Host id. */
                host?: string;
                /** @description process, file, network, dns, iam, kernel, sensor. */
                category?: string;
                /** @description ECS `event.action`, as `process-exec`. */
                action?: string;
                /** @description Found in the program, its command line, the file's path, the name asked for or the remote address. */
                text?: string;
                /** @description Entity id of the acting process. */
                process?: string;
                /** @description `follow` of an answer before, or `now`: events stored since then, oldest first. */
                since?: string;
                /** @description With `since`: wait up to this many seconds (at most 30) until there is one. */
                wait?: number;
                /** @description `next` of the page before: older events. */
                before?: string;
                /** @description 1 to 1000; 100 when not given. */
                limit?: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Events of one host */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EventPage"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            422: components["responses"]["Problem422"];
            /** @description Anything else that went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_lockdown_report: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What a host saw that nobody vouches for, and what is trusted there */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LockdownReport"];
                };
            };
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            /** @description Anything else that went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    change_lockdown: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LockdownRequest"];
            };
        };
        responses: {
            /** @description Trust a content, learn, or lock */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Command"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            413: components["responses"]["Problem413"];
            422: components["responses"]["Problem422"];
            /** @description Anything else that went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    ask_trust_consequence: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TrustQuestion"];
            };
        };
        responses: {
            /** @description What trusting a content would come to */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TrustAnswer"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            413: components["responses"]["Problem413"];
            422: components["responses"]["Problem422"];
            /** @description Anything else that went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_host_policy: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What a host has in force, asked of it now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HostPolicy"];
                };
            };
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            /** @description Anything else that went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_processes: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What runs there, asked of the host now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProcessTree"];
                };
            };
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            /** @description Anything else that went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    hunt: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["HuntRequest"];
            };
        };
        responses: {
            /** @description Run one read-only SQL query */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HuntResult"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            413: components["responses"]["Problem413"];
            422: components["responses"]["Problem422"];
            /** @description Anything else that went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_hunt_schema: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Tables, columns and functions of hunts */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HuntSchema"];
                };
            };
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            /** @description Anything else that went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_incidents: {
        parameters: {
            query?: {
                /** @description Comma-separated: open, investigating, resolved. */
                status?: string;
                /** @description This severity or graver. */
                severity?: components["schemas"]["Severity"];
                /** @description Host id. */
                host?: string;
                /** @description Found in title, hosts, techniques, users. */
                text?: string;
                /** @description 1 to 200; 50 when not given. */
                limit?: number;
                /** @description `next` of the page before. */
                after?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Incidents, newest change first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IncidentPage"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            422: components["responses"]["Problem422"];
            /** @description Anything else that went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_incident: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One incident: the whole story and its evidence */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IncidentDetail"];
                };
            };
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            /** @description Anything else that went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    update_incident: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["IncidentUpdate"];
            };
        };
        responses: {
            /** @description Change status or disposition, with a reason */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IncidentDetail"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            413: components["responses"]["Problem413"];
            422: components["responses"]["Problem422"];
            /** @description Anything else that went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    act_on_incident: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ActionRequest"];
            };
        };
        responses: {
            /** @description Kill a process tree or quarantine a file, or say what that would do */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ActionResponse"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            413: components["responses"]["Problem413"];
            422: components["responses"]["Problem422"];
            /** @description Anything else that went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    export_incident: {
        parameters: {
            query?: {
                /** @description html, pdf, json, stix or navigator; json when not given. */
                format?: "html" | "pdf" | "json" | "stix" | "navigator";
                /** @description en or ja, of html and pdf: the others are read by programs. English when not given. */
                language?: "en" | "ja";
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The case as a file: HTML, PDF, JSON, STIX 2.1 or an ATT&CK Navigator layer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            422: components["responses"]["Problem422"];
            /** @description Anything else that went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    take_case_file: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CaseFileRequest"];
            };
        };
        responses: {
            /** @description Take a file of a host into the case: what can be said of it, and its beginning if asked for */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CaseFile"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            413: components["responses"]["Problem413"];
            422: components["responses"]["Problem422"];
            /** @description Anything else that went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_case_file: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                number: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A file of the case with its content in hex */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CaseFileContent"];
                };
            };
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            /** @description Anything else that went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    investigate_incident: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Look into it now: what an analyst would ask next, asked and answered */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Investigation"];
                };
            };
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            /** @description Anything else that went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    add_indicators: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["IndicatorsAdd"];
            };
        };
        responses: {
            /** @description Watch for addresses, names, digests and paths, and search the stored history for them */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NodeRulesAdded"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            413: components["responses"]["Problem413"];
            422: components["responses"]["Problem422"];
            /** @description Anything else that went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_integrity_changes: {
        parameters: {
            query?: {
                /** @description Host id. */
                host?: string;
                /** @description This severity or graver. */
                severity?: components["schemas"]["Severity"];
                /** @description Found in the path, the program, its command line or the user. */
                text?: string;
                /** @description Only what answers this requirement of PCI DSS: `11.5.2`. */
                pci?: string;
                /** @description Only what answers this subject of the CIS benchmarks: `accounts`. */
                cis?: string;
                /** @description `next` of the page before: older changes. */
                before?: string;
                /** @description 1 to 1000; 100 when not given. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Changes of watched files, newest first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IntegrityPage"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            422: components["responses"]["Problem422"];
            /** @description Anything else that went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_integrity_report: {
        parameters: {
            query?: {
                /** @description Host id; all hosts when not given. */
                host?: string;
                /** @description 1 to 366; 7 when not given. */
                days?: number;
                /** @description all, pci or cis. */
                view?: "all" | "pci" | "cis";
                /** @description html, csv or pdf. */
                format?: "html" | "csv" | "pdf";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A report over them as HTML, CSV or PDF */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            422: components["responses"]["Problem422"];
            /** @description Anything else that went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_integrity_summary: {
        parameters: {
            query?: {
                /** @description Host id; all hosts when not given. */
                host?: string;
                /** @description 1 to 366; 7 when not given. */
                days?: number;
                /** @description pci or cis. */
                view?: "all" | "pci" | "cis";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What a period came to, by requirements of PCI DSS or subjects of CIS */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IntegritySummary"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            422: components["responses"]["Problem422"];
            /** @description Anything else that went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_lockdown: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The lock of each host, asked of them now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LockdownList"];
                };
            };
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            /** @description Anything else that went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_scanners: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Signatures, models and scans of each host, asked of them now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ScannerList"];
                };
            };
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            /** @description Anything else that went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    update_me: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MeUpdate"];
            };
        };
        responses: {
            /** @description Change preferences or password */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Me"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            413: components["responses"]["Problem413"];
            422: components["responses"]["Problem422"];
            /** @description Anything else that went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_overview: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Hosts, alerts, incidents and figures at one glance */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Overview"];
                };
            };
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            /** @description Anything else that went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_policies: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Policies, and which host was given which */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PolicyList"];
                };
            };
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            /** @description Anything else that went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    check_policy: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PolicyCheckRequest"];
            };
        };
        responses: {
            /** @description Whether a text is a policy, and where it is not */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PolicyCheck"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            413: components["responses"]["Problem413"];
            422: components["responses"]["Problem422"];
            /** @description Anything else that went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    simulate_policy: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SimulationRequest"];
            };
        };
        responses: {
            /** @description The past of hosts under another policy */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Simulation"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            413: components["responses"]["Problem413"];
            422: components["responses"]["Problem422"];
            /** @description Anything else that went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_policy: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The newest version of a policy */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Policy"];
                };
            };
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            /** @description Anything else that went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    write_policy: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PolicyWrite"];
            };
        };
        responses: {
            /** @description A new version; no host gets it yet */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Policy"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            413: components["responses"]["Problem413"];
            422: components["responses"]["Problem422"];
            /** @description Anything else that went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    roll_out_policy: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RolloutRequest"];
            };
        };
        responses: {
            /** @description Give a policy to hosts, or say what that would do */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Rollout"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            413: components["responses"]["Problem413"];
            422: components["responses"]["Problem422"];
            /** @description Anything else that went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_policy_version: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
                version: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description An earlier version */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PolicyText"];
                };
            };
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            /** @description Anything else that went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_quarantine: {
        parameters: {
            query?: {
                /** @description Host id; every host when not given. */
                host?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What the vaults hold, asked of the hosts now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["QuarantineList"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            422: components["responses"]["Problem422"];
            /** @description Anything else that went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    preview_restore: {
        parameters: {
            query: {
                /** @description Host id. */
                host: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What putting a file back would come to */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RestorePreview"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            422: components["responses"]["Problem422"];
            /** @description Anything else that went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    restore_quarantined: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RestoreRequest"];
            };
        };
        responses: {
            /** @description Put a file back where it was */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Command"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            413: components["responses"]["Problem413"];
            422: components["responses"]["Problem422"];
            /** @description Anything else that went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_recovery: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What could be undone on the hosts, asked of them now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RecoveryList"];
                };
            };
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            /** @description Anything else that went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    roll_back: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RollbackRequest"];
            };
        };
        responses: {
            /** @description Give back what process trees changed, or say what that would do */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RollbackResponse"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            413: components["responses"]["Problem413"];
            422: components["responses"]["Problem422"];
            /** @description Anything else that went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_rules: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Rules, ours and the operators', and where each runs */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RuleList"];
                };
            };
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            /** @description Anything else that went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    backtest_rules: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BacktestRequest"];
            };
        };
        responses: {
            /** @description Hold rules against the stored events: what they would have told */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BacktestResult"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            413: components["responses"]["Problem413"];
            422: components["responses"]["Problem422"];
            /** @description Anything else that went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_rule_history: {
        parameters: {
            query?: {
                /** @description One rule by its id, with its days and changes; all in short when not given. */
                rule?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What each rule told and what people made of it */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RuleHistoryList"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            422: components["responses"]["Problem422"];
            /** @description Anything else that went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_node_rules: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Sigma rules and indicators on the node */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NodeRuleList"];
                };
            };
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            /** @description Anything else that went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    add_node_rules: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NodeRulesAdd"];
            };
        };
        responses: {
            /** @description Hold rules to every event that arrives, and to the stored history */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NodeRulesAdded"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            413: components["responses"]["Problem413"];
            422: components["responses"]["Problem422"];
            /** @description Anything else that went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_node_rule: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A rule on the node, and what it said before */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NodeRuleDetail"];
                };
            };
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            /** @description Anything else that went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    remove_node_rule: {
        parameters: {
            query?: {
                /** @description Why; it stands with the version and in the audit log. */
                reason?: string;
            };
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Take a rule or indicator off the node */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            422: components["responses"]["Problem422"];
            /** @description Anything else that went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_suppressions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Suppressions and proposals, newest first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SuppressionList"];
                };
            };
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            /** @description Anything else that went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    create_suppression: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SuppressionCreate"];
            };
        };
        responses: {
            /** @description Silence alerts by rule, host and fields, with a reason and an end */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Suppression"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            413: components["responses"]["Problem413"];
            422: components["responses"]["Problem422"];
            /** @description Anything else that went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    accept_suppression: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SuppressionDecision"];
            };
        };
        responses: {
            /** @description Put a proposal in force */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Suppression"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            413: components["responses"]["Problem413"];
            422: components["responses"]["Problem422"];
            /** @description Anything else that went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    remove_suppression: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SuppressionDecision"];
            };
        };
        responses: {
            /** @description End a suppression, or turn a proposal down */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Suppression"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            413: components["responses"]["Problem413"];
            422: components["responses"]["Problem422"];
            /** @description Anything else that went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    test_rules: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RuleTestRequest"];
            };
        };
        responses: {
            /** @description Hold rules against events that are given */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RuleTestResult"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            413: components["responses"]["Problem413"];
            422: components["responses"]["Problem422"];
            /** @description Anything else that went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_rule: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One rule: its text, its samples and what it found */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RuleDetail"];
                };
            };
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            /** @description Anything else that went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_saved_queries: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Saved queries, ours and yours */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SavedQueryList"];
                };
            };
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            /** @description Anything else that went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    create_saved_query: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SavedQueryWrite"];
            };
        };
        responses: {
            /** @description Save a query */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SavedQuery"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            413: components["responses"]["Problem413"];
            422: components["responses"]["Problem422"];
            /** @description Anything else that went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    update_saved_query: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SavedQueryWrite"];
            };
        };
        responses: {
            /** @description Change a saved query */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SavedQuery"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            413: components["responses"]["Problem413"];
            422: components["responses"]["Problem422"];
            /** @description Anything else that went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    delete_saved_query: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Remove a saved query */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            /** @description Anything else that went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_scans: {
        parameters: {
            query?: {
                /** @description Host id; every host when not given. */
                host?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Scans that were ordered, asked of the hosts now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ScanList"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            422: components["responses"]["Problem422"];
            /** @description Anything else that went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    start_scan: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ScanRequest"];
            };
        };
        responses: {
            /** @description Scan paths on hosts */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CommandList"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            413: components["responses"]["Problem413"];
            422: components["responses"]["Problem422"];
            /** @description Anything else that went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    stop_scan: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ScanStopRequest"];
            };
        };
        responses: {
            /** @description End a scan before its end */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Command"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            413: components["responses"]["Problem413"];
            422: components["responses"]["Problem422"];
            /** @description Anything else that went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_session: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Who is signed in */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Me"];
                };
            };
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            /** @description Anything else that went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    sign_in: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SignIn"];
            };
        };
        responses: {
            /** @description Sign in; sets the session cookie */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Me"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            413: components["responses"]["Problem413"];
            422: components["responses"]["Problem422"];
            /** @description Anything else that went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    sign_out: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Sign out */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            /** @description Anything else that went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    stream: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Live updates as Server-Sent Events */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": components["schemas"]["StreamEvent"];
                };
            };
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            /** @description Anything else that went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_health: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The process lives */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Anything else that went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_metrics: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Figures for Prometheus */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Anything else that went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_ready: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The stores answer and agents can connect */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Anything else that went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
}
