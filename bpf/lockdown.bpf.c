// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
// Copyright The Tamon authors.
//
// A locked host in the enforce tier. The exec gate asks user space before a program is opened; what it answered stands on the
// inode, and here the kernel holds against it what is about to run: so nothing runs that nobody was asked about (from memory,
// from a mount that nobody watches), and nothing that was written to or renamed since it was asked about. Loaded with the first
// lock that enforces. Without the agent it stands open after two seconds of silence, or closed, as the policy says.
#include "include/record.h"
#include "include/inode.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

enum { EPERM = 1 };
enum { PROT_EXEC = 4, PF_KTHREAD = 0x00200000, STORAGE_CREATE = 1 };

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct tamon_lock);
} lock_state SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_INODE_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct tamon_answer);
} lock_answers SEC(".maps");

/* How often the file was opened for writing or came under another name; only files that were asked about have one. An answer
 * holds the number from before the file was looked at, so that no write slips in between. */
struct {
	__uint(type, BPF_MAP_TYPE_INODE_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, u32);
} lock_touched SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 131072);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct tamon_content);
	__type(value, u32);
} lock_contents SEC(".maps");

/* Below a package manager. */
struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, u32);
} lock_excused SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 256 << 10);
} lock_told SEC(".maps");

/* By enum tamon_lock_act; the first counts what found no room in the ring. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, TAMON_LOCK_ACTS);
	__type(key, u32);
	__type(value, u64);
} lock_counts SEC(".maps");

static __always_inline struct tamon_lock *locked(u32 mode)
{
	u32 zero = 0;
	struct tamon_lock *lock = bpf_map_lookup_elem(&lock_state, &zero);

	if (!lock || lock->mode < mode)
		return 0;
	if (!(lock->flags & TAMON_LOCK_CLOSED) && bpf_ktime_get_boot_ns() - lock->beat > SILENCE_NS)
		return 0;
	return lock;
}

static __always_inline void count(u32 what)
{
	u64 *counted = bpf_map_lookup_elem(&lock_counts, &what);

	if (counted)
		__sync_fetch_and_add(counted, 1);
}

static __always_inline void content_of(struct tamon_content *content, struct inode *inode)
{
	struct tamon_identity id = {};

	identify(&id, inode);
	content->ino = id.ino;
	content->size = id.size;
	content->ctime = id.ctime;
	content->dev = id.dev;
}

enum { PATH_BYTES = 1024 };

/* The record is put together in the ring itself, since LSM programs can be interrupted by each other. */
static __always_inline void tell_of(u32 what, struct tamon_content *content, struct path *path)
{
	struct tamon_event *event = bpf_ringbuf_reserve(&lock_told, sizeof(*event) + PATH_BYTES, 0);
	long length = 0;

	count(what);
	if (!event) {
		count(0);
		return;
	}
	begin(&event->head, bpf_get_current_task_btf(), TAMON_ACT, what);
	__builtin_memset(event->n, 0, sizeof(event->n));
	__builtin_memset(event->p, 0, sizeof(event->p));
	if (content) {
		event->n[0] = content->ino;
		event->n[1] = content->size;
		event->n[2] = content->ctime;
		event->n[3] = content->dev;
	}
	if (path)
		length = bpf_d_path(path, (void *)(event + 1), PATH_BYTES);
	if (length > 1) {
		event->p[0].text = length - 1;
		event->p[0].flags = TAMON_PATH_WHOLE;
	}
	bpf_ringbuf_submit(event, BPF_RB_NO_WAKEUP);
}

static __always_inline bool is_excused(struct task_struct *task)
{
	u32 *excused = bpf_task_storage_get(&lock_excused, task, 0, 0);

	return excused && *excused;
}

/* Whoever runs a package manager as root in the host's own mounts: it and all that it starts. */
static __always_inline void excuse(struct tamon_lock *lock, struct task_struct *task)
{
	u32 *excused;

	if (task->cred->euid.val || BPF_CORE_READ(task, nsproxy, mnt_ns, ns.inum) != lock->mnt_ns)
		return;
	excused = bpf_task_storage_get(&lock_excused, task, 0, STORAGE_CREATE);
	if (excused)
		*excused = 1;
}

static __always_inline u32 says(struct tamon_lock *lock, struct tamon_answer *answer, struct inode *inode)
{
	u32 *touched;

	if (!answer || answer->generation < lock->generation)
		return TAMON_SAYS_NOTHING;
	touched = bpf_inode_storage_get(&lock_touched, inode, 0, 0);
	return !touched || *touched == answer->touched ? answer->says : TAMON_SAYS_NOTHING;
}

static __always_inline bool is_known(struct tamon_content *content, u32 as)
{
	u32 *uses = bpf_map_lookup_elem(&lock_contents, content);

	return uses && *uses & as;
}

// int security_bprm_check(struct linux_binprm *bprm): for a script once for it and once for its interpreter
SEC("lsm/bprm_check_security")
int BPF_PROG(lock_exec, struct linux_binprm *bprm, int ret)
{
	struct tamon_lock *lock = ret ? 0 : locked(TAMON_LOCK_ENFORCES);
	struct task_struct *task = bpf_get_current_task_btf();
	struct tamon_content content = {};
	struct tamon_answer *answer;
	u32 said;

	if (!lock)
		return ret;
	answer = bpf_inode_storage_get(&lock_answers, bprm->file->f_inode, 0, 0);
	said = says(lock, answer, bprm->file->f_inode);
	if (said == TAMON_SAYS_MANAGES)
		excuse(lock, task);
	if (said == TAMON_SAYS_RUNS || said == TAMON_SAYS_MANAGES)
		return 0;
	/* init itself, the agent, and the kernel's own helpers, which it starts from a thread that has no program yet */
	if (task->tgid == 1 || task->flags & PF_KTHREAD || is_own(task->tgid) || is_excused(task))
		return 0;
	content_of(&content, bprm->file->f_inode);
	if (said != TAMON_SAYS_REFUSED) {
		/* the answer left the memory with the inode; where one stands, the file was written to since */
		if (!answer && is_known(&content, TAMON_AS_PROGRAM))
			return 0;
		if (!(lock->flags & TAMON_LOCK_UNASKED))
			return 0;
	}
	tell_of(TAMON_LOCKED_EXEC, &content, &bprm->file->f_path);
	return -EPERM;
}

// int security_task_alloc(struct task_struct *task, unsigned long clone_flags)
SEC("lsm/task_alloc")
int BPF_PROG(lock_fork, struct task_struct *child, unsigned long clone_flags, int ret)
{
	u32 *excused;

	if (ret || !is_excused(bpf_get_current_task_btf()))
		return ret;
	excused = bpf_task_storage_get(&lock_excused, child, 0, STORAGE_CREATE);
	if (excused)
		*excused = 1;
	return 0;
}

// int security_mmap_file(struct file *file, unsigned long reqprot, unsigned long prot, unsigned long flags): not before the
// answer is there is a library refused, for nobody can be asked here; it is told, and who mapped it is ended
SEC("lsm/mmap_file")
int BPF_PROG(lock_map, struct file *file, unsigned long reqprot, unsigned long prot, unsigned long flags, int ret)
{
	struct tamon_lock *lock = ret || !file || !(prot & PROT_EXEC) ? 0 : locked(TAMON_LOCK_OBSERVES);
	struct tamon_content content = {};
	struct tamon_answer *answer, told = {};
	u32 said, one = 1, *touched;

	if (!lock || !(lock->flags & TAMON_LOCK_LIBRARIES))
		return ret;
	answer = bpf_inode_storage_get(&lock_answers, file->f_inode, 0, 0);
	said = says(lock, answer, file->f_inode);
	if (said == TAMON_SAYS_RUNS || said == TAMON_SAYS_MANAGES || said == TAMON_SAYS_TOLD)
		return 0;
	if (is_own(bpf_get_current_task_btf()->tgid) || is_excused(bpf_get_current_task_btf()))
		return 0;
	/* memory that a program makes for code of its own has no name */
	if (said == TAMON_SAYS_NOTHING && !file->f_inode->i_nlink)
		return 0;
	content_of(&content, file->f_inode);
	if (said == TAMON_SAYS_REFUSED && lock->mode == TAMON_LOCK_ENFORCES) {
		tell_of(TAMON_LOCKED_LIBRARY, &content, &file->f_path);
		return -EPERM;
	}
	if (!answer && is_known(&content, TAMON_AS_PROGRAM))
		return 0;
	told.generation = lock->generation;
	told.says = TAMON_SAYS_TOLD;
	touched = bpf_inode_storage_get(&lock_touched, file->f_inode, &one, STORAGE_CREATE);
	if (touched)
		told.touched = *touched;
	answer = bpf_inode_storage_get(&lock_answers, file->f_inode, &told, STORAGE_CREATE);
	if (answer)
		*answer = told;
	tell_of(TAMON_LOCK_MAPPED, &content, &file->f_path);
	return 0;
}

/* What was answered about it does not count any more. */
static __always_inline void touch(struct inode *inode)
{
	u32 *touched = bpf_inode_storage_get(&lock_touched, inode, 0, 0);

	if (touched)
		__sync_fetch_and_add(touched, 1);
}

// int security_file_open(struct file *file): a write through a mapping moves no time on some file systems, so that it is
// opened for writing is enough
SEC("lsm/file_open")
int BPF_PROG(lock_open, struct file *file, int ret)
{
	struct tamon_lock *lock;
	char name[4] = {};

	if (ret || !(file->f_mode & FMODE_WRITE))
		return ret;
	touch(file->f_inode);
	if (BPF_CORE_READ(file, f_inode, i_sb, s_magic) != PROC_MAGIC)
		return 0;
	lock = locked(TAMON_LOCK_ENFORCES);
	if (!lock || !(lock->flags & TAMON_LOCK_TRACING))
		return 0;
	bpf_probe_read_kernel(name, sizeof(name), BPF_CORE_READ(file, f_path.dentry, d_name.name));
	/* /proc/PID/mem writes where the program itself may not */
	if (name[0] != 'm' || name[1] != 'e' || name[2] != 'm' || name[3])
		return 0;
	tell_of(TAMON_LOCKED_MEMORY, 0, &file->f_path);
	return -EPERM;
}

// int security_path_truncate(const struct path *path)
SEC("lsm/path_truncate")
int BPF_PROG(lock_truncate, const struct path *path, int ret)
{
	if (!ret)
		touch(path->dentry->d_inode);
	return ret;
}

// int security_inode_link(struct dentry *old_dentry, struct inode *dir, struct dentry *new_dentry): trust is of a content under
// its name
SEC("lsm/inode_link")
int BPF_PROG(lock_link, struct dentry *old_dentry, struct inode *dir, struct dentry *new_dentry, int ret)
{
	if (!ret)
		touch(old_dentry->d_inode);
	return ret;
}

// int security_inode_rename(struct inode *old_dir, struct dentry *old_dentry, struct inode *new_dir, struct dentry *new_dentry)
SEC("lsm/inode_rename")
int BPF_PROG(lock_rename, struct inode *old_dir, struct dentry *old_dentry, struct inode *new_dir,
	     struct dentry *new_dentry, int ret)
{
	if (!ret)
		touch(old_dentry->d_inode);
	return ret;
}

// int security_ptrace_access_check(struct task_struct *child, unsigned int mode): reading is let through
SEC("lsm/ptrace_access_check")
int BPF_PROG(lock_trace, struct task_struct *child, unsigned int mode, int ret)
{
	enum { PTRACE_MODE_ATTACH = 2 };
	struct tamon_lock *lock = ret || !(mode & PTRACE_MODE_ATTACH) ? 0 : locked(TAMON_LOCK_ENFORCES);

	if (!lock || !(lock->flags & TAMON_LOCK_TRACING))
		return ret;
	/* what the agent looks at, it looks at by this too */
	if (is_own(bpf_get_current_task_btf()->tgid) || child->tgid == bpf_get_current_task_btf()->tgid)
		return 0;
	tell_of(TAMON_LOCKED_TRACE, 0, 0);
	return -EPERM;
}

// int security_kernel_read_file(struct file *file, enum kernel_read_file_id id, bool contents)
SEC("lsm/kernel_read_file")
int BPF_PROG(lock_module, struct file *file, int id, bool contents, int ret)
{
	enum { READING_MODULE = 2 };
	struct tamon_lock *lock = ret || id != READING_MODULE ? 0 : locked(TAMON_LOCK_ENFORCES);
	struct tamon_content content = {};

	if (!lock || !(lock->flags & TAMON_LOCK_MODULES) || !file)
		return ret;
	content_of(&content, file->f_inode);
	if (is_known(&content, TAMON_AS_MODULE) || is_excused(bpf_get_current_task_btf()))
		return 0;
	tell_of(TAMON_LOCKED_MODULE, &content, &file->f_path);
	return -EPERM;
}

// int security_kernel_load_data(enum kernel_load_data_id id, bool contents): init_module, which has no file to ask about
SEC("lsm/kernel_load_data")
int BPF_PROG(lock_module_data, int id, bool contents, int ret)
{
	enum { LOADING_MODULE = 2 };
	struct tamon_lock *lock = ret || id != LOADING_MODULE ? 0 : locked(TAMON_LOCK_ENFORCES);

	if (!lock || !(lock->flags & TAMON_LOCK_MODULES) || is_excused(bpf_get_current_task_btf()))
		return ret;
	tell_of(TAMON_LOCKED_MODULE_DATA, 0, 0);
	return -EPERM;
}
