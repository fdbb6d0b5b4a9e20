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
        get?: never;
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
        CommandKind: "kill_tree" | "quarantine" | "restore" | "list_processes" | "list_quarantine";
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
        IntegrityKind: "create" | "modify" | "attributes" | "rename" | "delete" | "expected" | "baseline";
        IntegrityPage: {
            /** @description Newest first; expected ones of packages among them, each a fold of many files. */
            items: components["schemas"]["IntegrityChange"][];
            next?: string | null;
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
        Lagged: {
            /** Format: int64 */
            missed: number;
        };
        /**
         * @description `auto` follows the browser.
         * @enum {string}
         */
        Language: "auto" | "en" | "ja";
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
        NextStep: {
            action?: null | components["schemas"]["SuggestedAction"];
            sentence: components["schemas"]["Sentence"];
        };
        Node: {
            alerts: string[];
            counters: components["schemas"]["Counters"];
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
        NodeRulesAdd: {
            /** @description Not searched for in what is stored. */
            only_new_events?: boolean;
            /** @description One of the same name is replaced. */
            rules: components["schemas"]["RuleText"][];
        };
        /** @description Nothing is added when a rule is rejected. */
        NodeRulesAdded: {
            names: string[];
            rejected: components["schemas"]["RejectedRule"][];
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
        Preferences: {
            density: components["schemas"]["Density"];
            language: components["schemas"]["Language"];
            theme: components["schemas"]["Theme"];
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
            items: components["schemas"]["Suppression"][];
        };
        /** @enum {string} */
        SuppressionState: "proposed" | "active" | "removed";
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
    responses: never;
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
            /** @description What went wrong */
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
            /** @description What went wrong */
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
            /** @description What went wrong */
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
            /** @description What went wrong */
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
            /** @description What went wrong */
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
            /** @description What went wrong */
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
            /** @description What went wrong */
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
            /** @description What went wrong */
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
            /** @description What went wrong */
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
            /** @description What went wrong */
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
            /** @description What went wrong */
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
            /** @description What went wrong */
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
            /** @description What went wrong */
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
            /** @description What went wrong */
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
            /** @description What went wrong */
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
            /** @description What went wrong */
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
            /** @description What went wrong */
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
            /** @description What went wrong */
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
            /** @description What went wrong */
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
            /** @description What went wrong */
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
            /** @description What went wrong */
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
            /** @description What went wrong */
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
            /** @description What went wrong */
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
            /** @description What went wrong */
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
            /** @description What went wrong */
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
            /** @description What went wrong */
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
            /** @description What went wrong */
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
            /** @description What went wrong */
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
            /** @description What went wrong */
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
            /** @description What went wrong */
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
            /** @description What went wrong */
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
            /** @description What went wrong */
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
            /** @description What went wrong */
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
            /** @description What went wrong */
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
            /** @description What went wrong */
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
            /** @description What went wrong */
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
            /** @description What went wrong */
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
            query?: never;
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
            /** @description What went wrong */
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
            /** @description What went wrong */
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
            /** @description What went wrong */
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
            /** @description What went wrong */
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
            /** @description What went wrong */
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
            /** @description What went wrong */
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
            /** @description What went wrong */
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
            /** @description What went wrong */
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
            /** @description What went wrong */
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
            /** @description What went wrong */
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
            /** @description What went wrong */
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
            /** @description What went wrong */
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
            /** @description What went wrong */
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
            /** @description What went wrong */
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
            /** @description What went wrong */
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
            /** @description What went wrong */
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
