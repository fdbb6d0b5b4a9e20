/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Copyright The Tamon authors.
 *
 * Profiles: what a process of a domain may open, run and reach. Of all entries about a path the longest decides. A path is
 * that of the file itself in its mount namespace, not what the caller called it and not what a chroot makes of it.
 *
 * A verdict is remembered by the file and the name that it was opened under, so that it costs one look-up the next time. */
#pragma once
#include "record.h"
#include "path.h"
#include "inode.h"

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, u32);
	__type(value, struct tamon_domain);
} domains SEC(".maps");

enum { SAYS_ALLOW = 1, SAYS_DENY = 2 };

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 262144);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct tamon_path_entry);
	__type(value, u8);
} path_entries SEC(".maps");

struct judged_file {
	u64 ino;
	u64 parent;
	u32 dev;
	u32 name;
	u32 list;
	u32 reserved;
};
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, struct judged_file);
	__type(value, u8);
} judged_files SEC(".maps");

/* Where a path is put together: each thread has its own, since hooks may be interrupted by each other. */
enum { DEEPEST = 40, TEXT_SPACE = 256, KEY_TEXT = 248 };
struct path_room {
	u32 bits;
	u32 list;
	u8 text[2 * TEXT_SPACE];
	u64 components[64];
	u32 length;
	u32 flags;
};
struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct path_room);
} path_rooms SEC(".maps");

static long collect(u32 step, struct climb *climb)
{
	struct dentry *dentry = climb->dentry, *parent;

	if (dentry == climb->mnt_root)
		return cross_mount(climb);
	if (climb->used >= DEEPEST)
		return 1;
	parent = FIELD(dentry, dentry, d_parent);
	if (parent == dentry) {
		climb->flags = TAMON_PATH_DETACHED;
		return 1;
	}
	*(u64 *)(climb->bytes + (climb->used & 63) * 8) = (u64)dentry;
	climb->used++;
	climb->dentry = parent;
	return 0;
}

struct writing {
	struct path_room *room;
	u32 left;
};

static long write_component(u32 step, struct writing *writing)
{
	struct path_room *room = writing->room;
	u32 at = room->length;
	struct dentry *dentry;
	long n;

	if (!writing->left || at >= TEXT_SPACE - 1)
		return 1;
	writing->left--;
	dentry = (void *)room->components[writing->left & 63];
	at &= TEXT_SPACE - 1;
	room->text[at] = '/';
	n = bpf_probe_read_kernel_str(&room->text[at + 1], TEXT_SPACE - 1, BPF_CORE_READ(dentry, d_name.name));
	if (n <= 0)
		return 1;
	room->length = at + (n & (TEXT_SPACE - 1));
	return 0;
}

/* Root first, with a NUL at its end. False when no name leads there or the path does not come to its end. */
static __always_inline bool write_path(struct path_room *room, struct dentry *dentry, struct vfsmount *mnt)
{
	struct climb climb = {};
	struct writing writing = { .room = room };

	climb.dentry = dentry;
	climb.mnt = mnt;
	climb.mnt_root = BPF_CORE_READ(mnt, mnt_root);
	climb.bytes = (u8 *)room->components;
	climb.flags = TAMON_PATH_CUT;
	bpf_loop(DEEPEST + 16, collect, &climb, 0);
	room->length = 0;
	room->text[0] = '/';
	room->text[1] = 0;
	writing.left = climb.used;
	bpf_loop(DEEPEST, write_component, &writing, 0);
	if (!room->length)
		room->length = 1;
	return climb.flags == TAMON_PATH_WHOLE;
}

/* Where a file stands, as a function that is verified by itself takes it. */
struct standing {
	u64 dentry;
	u64 mnt;
	u32 domain;
	u32 kind;
	u32 closed;
	/* out: nobody has asked before */
	u32 first;
};

/* SAYS_ALLOW or SAYS_DENY. */
__noinline int judge_path(struct standing *standing)
{
	struct judged_file key = {};
	struct path_room *room;
	struct dentry *dentry;
	struct inode *inode;
	u32 length;
	bool whole;
	u8 *known, says;

	if (!standing)
		return SAYS_ALLOW;
	dentry = (void *)standing->dentry;
	inode = BPF_CORE_READ(dentry, d_inode);
	key.ino = BPF_CORE_READ(inode, i_ino);
	key.dev = BPF_CORE_READ(inode, i_sb, s_dev);
	key.parent = BPF_CORE_READ(dentry, d_parent, d_inode, i_ino);
	key.name = BPF_CORE_READ(dentry, d_name.hash);
	key.list = standing->domain << 3 | (standing->kind & 7);
	standing->first = 0;
	known = bpf_map_lookup_elem(&judged_files, &key);
	if (known)
		return *known;
	standing->first = 1;
	says = standing->closed ? SAYS_DENY : SAYS_ALLOW;
	room = bpf_task_storage_get(&path_rooms, bpf_get_current_task_btf(), 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (!room)
		return says;
	whole = write_path(room, dentry, (void *)standing->mnt);
	length = room->length;
	room->list = key.list;
	/* with the NUL */
	room->bits = 32 + 8 * (length + 1 < KEY_TEXT ? length + 1 : KEY_TEXT);
	if (whole) {
		known = bpf_map_lookup_elem(&path_entries, room);
		if (known)
			says = *known;
	}
	bpf_map_update_elem(&judged_files, &key, &says, BPF_ANY);
	return says;
}

/* Told with what was not let happen. The path is the last that this thread put together, if `with_path`. */
static __always_inline void tell_overstepped(u32 kind, u32 how, u32 domain, u64 number, const u8 *address, bool with_path)
{
	struct task_struct *task = bpf_get_current_task_btf();
	u32 zero = 0;
	struct tally *tally = bpf_map_lookup_elem(&tallies, &zero);
	struct path_room *room = with_path ? bpf_task_storage_get(&path_rooms, task, 0, 0) : 0;
	struct tamon_event *event = bpf_ringbuf_reserve(&ring, sizeof(*event) + TEXT_SPACE, 0);

	if (!event) {
		if (tally)
			__sync_fetch_and_add(&tally->lost[CLASS_KERNEL], 1);
		return;
	}
	begin(&event->head, task, TAMON_ACT, TAMON_OVERSTEPPED);
	__builtin_memset(event->p, 0, sizeof(event->p));
	event->n[0] = kind | (u64)how << 32;
	event->n[1] = domain;
	event->n[2] = number;
	event->n[3] = 0;
	event->n[4] = 0;
	if (address)
		__builtin_memcpy(&event->n[3], address, 16);
	if (room) {
		bpf_probe_read_kernel(event + 1, TEXT_SPACE, room->text);
		event->p[0].text = room->length < TEXT_SPACE ? room->length : TEXT_SPACE;
		event->p[0].flags = TAMON_PATH_WHOLE;
	}
	bpf_ringbuf_submit(event, tally ? wake_flag(tally) : BPF_RB_NO_WAKEUP);
	if (tally)
		__sync_fetch_and_add(&tally->told[CLASS_KERNEL], 1);
}

/* A verdict from memory comes without its path. */
static __always_inline void path_again(struct standing *standing)
{
	struct path_room *room;

	if (standing->first)
		return;
	room = bpf_task_storage_get(&path_rooms, bpf_get_current_task_btf(), 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (room)
		write_path(room, (void *)standing->dentry, (void *)standing->mnt);
}

/* Whom a process reaches over a socket that has a name on the disk: true where that is refused, which is told as `how`. What
 * is not refused is told once, since nobody else tells of it. */
static __always_inline bool reach_denied(struct sock *other, u32 how)
{
	struct unix_sock *peer = (void *)other;
	u32 number = domain_in_force(bpf_get_current_task_btf()->tgid), bit = 1 << TAMON_MAY_REACH;
	struct tamon_domain *domain = number ? bpf_map_lookup_elem(&domains, &number) : 0;
	struct standing standing = { .domain = number, .kind = TAMON_MAY_REACH };
	bool denied;

	if (!bpf_core_type_exists(struct unix_sock) || !other || !domain ||
	    !(domain->speaks & bit || domain->flags & TAMON_DOMAIN_TELL))
		return false;
	standing.dentry = (u64)BPF_CORE_READ(peer, path.dentry);
	if (!standing.dentry)
		return false;
	standing.mnt = (u64)BPF_CORE_READ(peer, path.mnt);
	standing.closed = domain->closed & bit;
	denied = judge_path(&standing) == SAYS_DENY && domain->enforced & bit;
	if (!denied && !standing.first)
		return false;
	path_again(&standing);
	tell_overstepped(TAMON_MAY_REACH, denied ? how : TAMON_WAS_LET, number, 0, 0, true);
	return denied;
}

#define S_IFBLK 0060000
#define S_IFCHR 0020000
static __always_inline bool holds_content(u32 mode)
{
	mode &= S_IFMT;
	return mode == S_IFREG || mode == S_IFBLK || mode == S_IFCHR;
}

enum { SIGNAL_KILL = 9 };

/* What came of an open. */
enum { OPEN_PLAIN = 0, OPEN_TELL_READ = 1, OPEN_ENDED = 2 };

static __always_inline int judge_one(struct file *file, u32 number, struct tamon_domain *domain, u32 kind)
{
	struct standing standing = { .domain = number, .kind = kind };
	u32 bit = 1 << kind;

	if (!(domain->speaks & bit) && !(domain->flags & TAMON_DOMAIN_TELL))
		return OPEN_PLAIN;
	standing.closed = domain->closed & bit;
	standing.dentry = (u64)BPF_CORE_READ(file, f_path.dentry);
	standing.mnt = (u64)BPF_CORE_READ(file, f_path.mnt);
	if (judge_path(&standing) == SAYS_DENY && (domain->enforced & bit) && (domain->flags & TAMON_DOMAIN_END)) {
		bpf_send_signal(SIGNAL_KILL);
		path_again(&standing);
		tell_overstepped(kind, TAMON_WAS_ENDED, number, 0, 0, true);
		return OPEN_ENDED;
	}
	return standing.first && kind == TAMON_MAY_READ ? OPEN_TELL_READ : OPEN_PLAIN;
}

/* After an open, before the process has it: where the tier has no hook that refuses, who oversteps is ended here. Takes the
 * file's address. */
__noinline int confine_open(u64 address)
{
	struct file *file = (void *)address;
	u32 number = domain_in_force(bpf_get_current_task_btf()->tgid);
	struct tamon_domain *domain;
	u32 mode;
	int came = OPEN_PLAIN;

	if (!number)
		return OPEN_PLAIN;
	domain = bpf_map_lookup_elem(&domains, &number);
	if (!domain || !holds_content(FIELD_OF(file, file, f_inode, i_mode)))
		return OPEN_PLAIN;
	mode = FIELD(file, file, f_mode);
	if (mode & FMODE_WRITE && judge_one(file, number, domain, TAMON_MAY_WRITE) == OPEN_ENDED)
		return OPEN_ENDED;
	if (mode & FMODE_READ)
		came = judge_one(file, number, domain, TAMON_MAY_READ);
	return came;
}
