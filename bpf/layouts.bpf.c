// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
// Copyright The Tamon authors.
//
// Never loaded: names every struct that Rust has too, so that the compiler writes their layouts into this object's BTF,
// where a test of sensor compares them. A struct that only local variables have is left out of an object's BTF.
#include "include/maps.h"

struct {
	struct tamon_exec exec;
	struct tamon_fork fork;
	struct tamon_exit exit;
	struct tamon_file file;
	struct tamon_net net;
	struct tamon_event event;
	struct tamon_settings settings;
	struct tamon_place place;
	struct tamon_watch watch;
	struct tamon_prefix prefix;
	struct tally tally;
	struct tamon_domain domain;
	struct tamon_path_entry path_entry;
	struct tamon_net_entry net_entry;
	struct tamon_ports ports;
	struct tamon_program program;
	struct tamon_entry entry;
	struct tamon_lock lock;
	struct tamon_answer answer;
	struct tamon_content content;
} layouts;
