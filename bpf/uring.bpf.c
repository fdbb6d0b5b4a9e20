// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
// Copyright The Tamon authors.
//
// Files and sockets through io_uring, which no system call shows. A request is told when it is submitted, from the kernel's
// own copy of its arguments (nobody can change them any more), with its address as a tag; how it ended comes with its
// completion. A request that asks for no completion is told as done. Scratch of its own: this runs inside io_uring_enter.
#include "include/socket.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

enum {
	OP_SENDMSG = 9,
	OP_ACCEPT = 13,
	OP_CONNECT = 16,
	OP_OPENAT = 18,
	OP_SEND = 26,
	OP_OPENAT2 = 28,
	OP_RENAMEAT = 35,
	OP_UNLINKAT = 36,
	OP_MKDIRAT = 37,
	OP_SYMLINKAT = 38,
	OP_LINKAT = 39,
	OP_FSETXATTR = 41,
	OP_SETXATTR = 42,
	OP_URING_CMD = 46,
	OP_FTRUNCATE = 55,
	OP_BIND = 56,
	OP_LISTEN = 57,
};
enum { REQ_F_FIXED_FILE = 1, REQ_F_CQE_SKIP = 1 << 6, AT_REMOVEDIR = 0x200 };

/* The low flags are user space's IOSQE_*: they keep their places on all kernels. */
static __always_inline u32 flags_of(struct io_kiocb *req)
{
	u32 flags = 0;

	bpf_core_read(&flags, sizeof(flags), &req->flags);
	return flags;
}

static __always_inline u64 tag_of(struct io_kiocb *req)
{
	return flags_of(req) & REQ_F_CQE_SKIP ? 0 : (u64)req;
}

/* The file itself is looked up only after the submission is traced; a registered one has no descriptor here. */
static __always_inline struct file *target_of(struct task_struct *task, struct io_kiocb *req)
{
	struct file *file = BPF_CORE_READ(req, file);

	return file || flags_of(req) & REQ_F_FIXED_FILE ? file : file_of(task, BPF_CORE_READ(req, cqe.fd));
}

static __always_inline void begin_uring(struct tamon_head *head, struct task_struct *task, struct io_kiocb *req, u16 kind, u32 op)
{
	begin(head, task, kind, op);
	head->via = TAMON_VIA_URING;
	head->tag = tag_of(req);
}

static __always_inline struct tamon_file *begin_file(struct task_struct *task, struct io_kiocb *req, u32 op, u64 arg)
{
	struct tamon_file *record = get_scratch(SCRATCH_URING);

	if (!record)
		return 0;
	begin_uring(&record->head, task, req, TAMON_FILE, op);
	__builtin_memset(&record->file, 0, sizeof(record->file));
	record->arg = arg;
	record->path = (struct tamon_path){};
	record->other = (struct tamon_path){};
	return record;
}

static __always_inline int tell_one(struct task_struct *task, struct io_kiocb *req, u32 op, u64 arg, int dfd, struct filename *name)
{
	struct tamon_file *record = begin_file(task, req, op, arg);
	u32 at;

	if (!record)
		return 0;
	at = put_kernel_path(record, sizeof(*record), &record->path, task, dfd, name, true);
	if (at)
		tell(record, at, CLASS_FILE);
	return 0;
}

static __always_inline int tell_two(struct task_struct *task, struct io_kiocb *req, u32 op, int dfd, struct filename *name,
				    int other_dfd, struct filename *other)
{
	struct tamon_file *record = begin_file(task, req, op, 0);
	u32 at;

	if (!record)
		return 0;
	at = put_kernel_path(record, sizeof(*record), &record->path, task, dfd, name, true);
	if (!at)
		return 0;
	at = put_kernel_path(record, at, &record->other, task, other_dfd, other, false);
	if (at)
		tell(record, at, CLASS_FILE);
	return 0;
}

static __always_inline int on_open(struct task_struct *task, struct io_kiocb *req)
{
	struct io_open *open = (void *)req;
	u64 flags = BPF_CORE_READ(open, how.flags);

	/* A read of a watched file is known only by its path: user space looks. */
	return tell_one(task, req, TAMON_OPEN_FLAGS, flags, BPF_CORE_READ(open, dfd), BPF_CORE_READ(open, filename));
}

static __always_inline int on_unlink(struct task_struct *task, struct io_kiocb *req)
{
	struct io_unlink *unlink = (void *)req;
	u32 op = BPF_CORE_READ(unlink, flags) & AT_REMOVEDIR ? TAMON_RMDIR : TAMON_UNLINK;

	return tell_one(task, req, op, 0, BPF_CORE_READ(unlink, dfd), BPF_CORE_READ(unlink, filename));
}

static __always_inline int on_two(struct task_struct *task, struct io_kiocb *req, u8 opcode)
{
	if (opcode == OP_RENAMEAT) {
		struct io_rename *rename = (void *)req;

		return tell_two(task, req, TAMON_RENAME, BPF_CORE_READ(rename, new_dfd), BPF_CORE_READ(rename, newpath),
				BPF_CORE_READ(rename, old_dfd), BPF_CORE_READ(rename, oldpath));
	} else {
		struct io_link *link = (void *)req;

		return tell_two(task, req, opcode == OP_LINKAT ? TAMON_LINK : TAMON_SYMLINK, BPF_CORE_READ(link, new_dfd),
				BPF_CORE_READ(link, newpath), BPF_CORE_READ(link, old_dfd), BPF_CORE_READ(link, oldpath));
	}
}

/* The address was copied at submission: alone on older kernels and again on the newest, behind a message header in
 * between. That header begins with an aligned pointer, which never looks like a family. */
static __always_inline void given_address(struct io_kiocb *req, struct address *to)
{
	void *data = BPF_CORE_READ(req, async_data);
	struct io_connect *connect = (void *)req;

	if (!data) {
		bpf_probe_read_user(to, sizeof(*to), BPF_CORE_READ(connect, addr));
		return;
	}
	bpf_probe_read_kernel(to, sizeof(*to), data);
	if (!is_inet(to->family) && bpf_core_field_exists(struct io_async_msghdr, addr))
		bpf_probe_read_kernel(to, sizeof(*to), data + bpf_core_field_offset(struct io_async_msghdr, addr));
}

/* A frame of its own: together with what walks paths it would be over the stack of older kernels. */
static __noinline int on_connect(struct task_struct *task, struct io_kiocb *req)
{
	struct sock *sk = sock_of(target_of(task, req));
	struct tamon_net *net = get_scratch(SCRATCH_URING);
	struct address to = {};

	given_address(req, &to);
	if (!net || !is_inet(to.family))
		return 0;
	if (!sk) {
		/* a registered socket: its protocol is not known */
		begin_uring(&net->head, task, req, TAMON_NET, TAMON_CONNECT);
		__builtin_memset(net->source, 0, sizeof(*net) - sizeof(net->head));
		net->family = to.family;
	} else {
		begin_net(net, task, sk, TAMON_CONNECT, to.family);
		net->head.via = TAMON_VIA_URING;
		net->head.tag = tag_of(req);
	}
	take_address(&to, net->destination, &net->destination_port);
	tell(net, sizeof(*net), CLASS_NETWORK);
	return 0;
}

static __always_inline int tell_opcode(struct task_struct *task, struct io_kiocb *req, u8 opcode)
{
	struct tamon_event *event = get_scratch(SCRATCH_URING);

	if (!event)
		return 0;
	begin_uring(&event->head, task, req, TAMON_ACT, TAMON_URING_OP);
	__builtin_memset(event->n, 0, sizeof(event->n));
	__builtin_memset(event->p, 0, sizeof(event->p));
	event->n[0] = opcode;
	tell(event, sizeof(*event), CLASS_KERNEL);
	return 0;
}

static __always_inline int on_submit(struct io_kiocb *req)
{
	struct task_struct *task = bpf_get_current_task_btf();
	u8 opcode = BPF_CORE_READ(req, opcode);

	/* Reads, writes, polls and timeouts: of files that were opened before and are seen when they close. */
	if (opcode != OP_ACCEPT && opcode != OP_CONNECT && opcode != OP_OPENAT && opcode != OP_OPENAT2 &&
	    (opcode < OP_RENAMEAT || opcode > OP_LINKAT) && opcode != OP_FSETXATTR && opcode != OP_SETXATTR &&
	    opcode != OP_URING_CMD && (opcode < OP_FTRUNCATE || opcode > OP_LISTEN))
		return 0;
	if (is_own(task->tgid))
		return 0;
	switch (opcode) {
	case OP_OPENAT:
	case OP_OPENAT2:
		return on_open(task, req);
	case OP_UNLINKAT:
		return on_unlink(task, req);
	case OP_MKDIRAT: {
		struct io_mkdir *mkdir = (void *)req;

		return tell_one(task, req, TAMON_MKDIR, 0, BPF_CORE_READ(mkdir, dfd), BPF_CORE_READ(mkdir, filename));
	}
	case OP_RENAMEAT:
	case OP_SYMLINKAT:
	case OP_LINKAT:
		return on_two(task, req, opcode);
	case OP_CONNECT:
		return on_connect(task, req);
	}
	return tell_opcode(task, req, opcode);
}

// trace_io_uring_submit_req(struct io_kiocb *req): 6.4 and later
SEC("tp_btf/io_uring_submit_req")
int BPF_PROG(uring_submit_req, struct io_kiocb *req)
{
	return on_submit(req);
}

// trace_io_uring_submit_sqe(struct io_kiocb *req, bool force_nonblock): before
SEC("tp_btf/io_uring_submit_sqe")
int BPF_PROG(uring_submit_sqe, struct io_kiocb *req)
{
	return on_submit(req);
}

static __always_inline int tell_done(void *req, s32 result)
{
	struct tamon_head head = { .tag = (u64)req, .kind = TAMON_DONE, .op = result };
	u8 opcode = BPF_CORE_READ((struct io_kiocb *)req, opcode);

	if (!req || (opcode != OP_CONNECT && opcode != OP_ACCEPT && opcode != OP_OPENAT && opcode != OP_OPENAT2 &&
		     (opcode < OP_RENAMEAT || opcode > OP_SETXATTR) && opcode != OP_URING_CMD &&
		     (opcode < OP_FTRUNCATE || opcode > OP_LISTEN)))
		return 0;
	tell(&head, sizeof(head), CLASS_KERNEL);
	return 0;
}

// trace_io_uring_complete(struct io_ring_ctx *ctx, void *req, struct io_uring_cqe *cqe): 6.12 and later
SEC("tp_btf/io_uring_complete")
int BPF_PROG(uring_complete, void *ctx_, void *req, struct io_uring_cqe *cqe)
{
	return tell_done(req, BPF_CORE_READ(cqe, res));
}

// trace_io_uring_complete(void *ctx, void *req, u64 user_data, int res, unsigned cflags, u64 extra1, u64 extra2): before.
// Reading the last argument makes a newer kernel refuse this one, so that only the fitting one is attached.
SEC("tp_btf/io_uring_complete")
int BPF_PROG(uring_complete_wide, void *ctx_, void *req, u64 user_data, int res, unsigned cflags, u64 extra1, u64 extra2)
{
	return tell_done(extra2 == ~0ull && extra1 == ~0ull ? 0 : req, res);
}
