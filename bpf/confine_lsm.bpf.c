// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
// Copyright The Tamon authors.
//
// Profiles in the enforce tier: the kernel refuses what a domain may not, and the process gets an error. Loaded beside
// confine.bpf.c, which says who is in which domain and answers for the network.
#include "include/confine.h"
#include "include/syscall.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

enum { EPERM = 1, EACCES = 13 };
enum { PROT_WRITE = 2, PROT_EXEC = 4, CAP_OPT_NOAUDIT = 2, CAP_SYS_ADMIN = 21 };
enum { CLONE_NEW = 0x7e020080 };

static __always_inline struct tamon_domain *my_domain(u32 *number)
{
	*number = domain_in_force(bpf_get_current_task_btf()->tgid);
	return *number ? bpf_map_lookup_elem(&domains, number) : 0;
}

/* Its path is told; -EACCES where it is refused. */
static __always_inline int may(struct tamon_domain *domain, u32 number, u32 kind, struct dentry *dentry, struct vfsmount *mnt)
{
	struct standing standing = { .domain = number, .kind = kind };
	u32 bit = 1 << kind;

	if (!(domain->speaks & bit) || !(domain->enforced & bit))
		return 0;
	standing.closed = domain->closed & bit;
	standing.dentry = (u64)dentry;
	standing.mnt = (u64)mnt;
	if (judge_path(&standing) != SAYS_DENY)
		return 0;
	path_again(&standing);
	tell_overstepped(kind, TAMON_WAS_DENIED, number, 0, 0, true);
	return -EACCES;
}

/* Of kinds that have no list. */
static __always_inline int never(u32 kind, u64 about)
{
	u32 number, bit = 1 << kind;
	struct tamon_domain *domain = my_domain(&number);

	if (!domain || !(domain->speaks & bit) || !(domain->enforced & bit))
		return 0;
	tell_overstepped(kind, TAMON_WAS_DENIED, number, about, 0, false);
	return -EPERM;
}

// int security_file_open(struct file *file)
SEC("lsm/file_open")
int BPF_PROG(may_open, struct file *file, int ret)
{
	u32 number, mode;
	struct tamon_domain *domain = ret ? 0 : my_domain(&number);
	int refused = 0;

	if (!domain || !holds_content(file->f_inode->i_mode))
		return ret;
	mode = file->f_mode;
	if (mode & FMODE_WRITE)
		refused = may(domain, number, TAMON_MAY_WRITE, file->f_path.dentry, file->f_path.mnt);
	if (!refused && mode & FMODE_READ && !(mode & FMODE_EXEC))
		refused = may(domain, number, TAMON_MAY_READ, file->f_path.dentry, file->f_path.mnt);
	return refused;
}

// int security_bprm_check(struct linux_binprm *bprm): for a script once for it and once for its interpreter
SEC("lsm/bprm_check_security")
int BPF_PROG(may_run, struct linux_binprm *bprm, int ret)
{
	u32 number;
	struct tamon_domain *domain = ret ? 0 : my_domain(&number);
	struct file *file = bprm->file;

	return domain ? may(domain, number, TAMON_MAY_RUN, file->f_path.dentry, file->f_path.mnt) : ret;
}

// int security_bprm_creds_from_file(struct linux_binprm *bprm, const struct file *file): what it is about to be is known,
// and an error is still the caller's
SEC("lsm/bprm_creds_from_file")
int BPF_PROG(may_raise, struct linux_binprm *bprm, struct file *file, int ret)
{
	u32 number, bit = 1 << TAMON_MAY_RAISE;
	struct tamon_domain *domain = ret ? 0 : my_domain(&number);
	struct standing standing = {};

	if (!domain || !(domain->enforced & bit) || !BPF_CORE_READ_BITFIELD(bprm, secureexec))
		return ret;
	standing.dentry = (u64)bprm->file->f_path.dentry;
	standing.mnt = (u64)bprm->file->f_path.mnt;
	path_again(&standing);
	tell_overstepped(TAMON_MAY_RAISE, TAMON_WAS_DENIED, number, 0, 0, true);
	return -EPERM;
}

// int security_unix_stream_connect(struct sock *sock, struct sock *other, struct sock *newsk)
SEC("lsm/unix_stream_connect")
int BPF_PROG(may_connect, struct sock *sock, struct sock *other, struct sock *newsk, int ret)
{
	if (ret)
		return ret;
	return reach_denied(other, TAMON_WAS_DENIED) ? -EACCES : 0;
}

// int security_unix_may_send(struct socket *sock, struct socket *other): datagrams, and connections of them
SEC("lsm/unix_may_send")
int BPF_PROG(may_send, struct socket *sock, struct socket *other, int ret)
{
	if (ret)
		return ret;
	return reach_denied(other->sk, TAMON_WAS_DENIED) ? -EACCES : 0;
}

/* A name comes or goes in a folder. The entry need not be there yet, and its mount is the folder's. */
static __always_inline int may_change(const struct path *folder, struct dentry *dentry)
{
	u32 number;
	struct tamon_domain *domain = my_domain(&number);

	return domain ? may(domain, number, TAMON_MAY_WRITE, dentry, folder->mnt) : 0;
}

// int security_path_unlink(const struct path *dir, struct dentry *dentry)
SEC("lsm/path_unlink")
int BPF_PROG(may_unlink, const struct path *dir, struct dentry *dentry, int ret)
{
	return ret ? ret : may_change(dir, dentry);
}

// int security_path_rmdir(const struct path *dir, struct dentry *dentry)
SEC("lsm/path_rmdir")
int BPF_PROG(may_rmdir, const struct path *dir, struct dentry *dentry, int ret)
{
	return ret ? ret : may_change(dir, dentry);
}

// int security_path_mkdir(const struct path *dir, struct dentry *dentry, umode_t mode)
SEC("lsm/path_mkdir")
int BPF_PROG(may_mkdir, const struct path *dir, struct dentry *dentry, u16 mode, int ret)
{
	return ret ? ret : may_change(dir, dentry);
}

// int security_path_mknod(const struct path *dir, struct dentry *dentry, umode_t mode, unsigned int dev): and for every file
// that is made by opening it
SEC("lsm/path_mknod")
int BPF_PROG(may_mknod, const struct path *dir, struct dentry *dentry, u16 mode, unsigned int dev, int ret)
{
	return ret ? ret : may_change(dir, dentry);
}

// int security_path_symlink(const struct path *dir, struct dentry *dentry, const char *old_name)
SEC("lsm/path_symlink")
int BPF_PROG(may_symlink, const struct path *dir, struct dentry *dentry, const char *old_name, int ret)
{
	return ret ? ret : may_change(dir, dentry);
}

// int security_path_link(struct dentry *old_dentry, const struct path *new_dir, struct dentry *new_dentry): the file comes
// under another name, so what it was called before is asked about too
SEC("lsm/path_link")
int BPF_PROG(may_link, struct dentry *old_dentry, const struct path *new_dir, struct dentry *new_dentry, int ret)
{
	if (!ret)
		ret = may_change(new_dir, old_dentry);
	return ret ? ret : may_change(new_dir, new_dentry);
}

// int security_path_rename(const struct path *old_dir, struct dentry *old_dentry, const struct path *new_dir,
//			    struct dentry *new_dentry, unsigned int flags)
SEC("lsm/path_rename")
int BPF_PROG(may_rename, const struct path *old_dir, struct dentry *old_dentry, const struct path *new_dir,
	     struct dentry *new_dentry)
{
	int ret = may_change(old_dir, old_dentry);

	return ret ? ret : may_change(new_dir, new_dentry);
}

// int security_path_truncate(const struct path *path)
SEC("lsm/path_truncate")
int BPF_PROG(may_truncate, const struct path *path, int ret)
{
	return ret ? ret : may_change(path, path->dentry);
}

// int security_path_chmod(const struct path *path, umode_t mode)
SEC("lsm/path_chmod")
int BPF_PROG(may_chmod, const struct path *path, u16 mode, int ret)
{
	return ret ? ret : may_change(path, path->dentry);
}

// int security_path_chown(const struct path *path, kuid_t uid, kgid_t gid)
SEC("lsm/path_chown")
int BPF_PROG(may_chown, const struct path *path)
{
	return may_change(path, path->dentry);
}

struct use {
	u32 domain;
	int capability;
};
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, struct use);
	__type(value, u8);
} used_before SEC(".maps");

static __always_inline bool first_use(u32 domain, int capability)
{
	struct use use = { .domain = domain, .capability = capability };
	u8 one = 1;

	if (bpf_map_lookup_elem(&used_before, &use))
		return false;
	bpf_map_update_elem(&used_before, &use, &one, BPF_ANY);
	return true;
}

/* arch/x86/entry/syscalls: but for a user namespace nothing else asks who makes or joins one. */
static __always_inline bool asks_for_namespace(void)
{
	enum { NR_UNSHARE = 272, NR_SETNS = 308, NR_UNSHARE_32 = 310, NR_SETNS_32 = 346 };
	struct task_struct *task = bpf_get_current_task_btf();
	struct pt_regs *regs = (void *)bpf_task_pt_regs(task);
	u32 number = BPF_CORE_READ(regs, orig_ax);

	if (is_compat(task))
		return number == NR_UNSHARE_32 || number == NR_SETNS_32;
	return number == NR_UNSHARE || number == NR_SETNS;
}

// int security_capable(const struct cred *cred, struct user_namespace *ns, int cap, unsigned int opts): what is only tried,
// and not to be written down, is refused in silence. Where nothing is refused the first use is told
SEC("lsm/capable")
int BPF_PROG(may_use, const struct cred *cred, void *ns, int cap, unsigned int opts, int ret)
{
	u32 number, bit = 1 << TAMON_MAY_USE;
	struct tamon_domain *domain = ret ? 0 : my_domain(&number);
	u64 held = 0;

	bool allowed;

	if (!domain)
		return ret;
	if (cap == CAP_SYS_ADMIN && domain->enforced & 1 << TAMON_MAY_NAMESPACE && asks_for_namespace())
		return never(TAMON_MAY_NAMESPACE, 0);
	allowed = domain->capabilities >> (cap & 63) & 1;
	if (allowed || !(domain->enforced & bit)) {
		if ((!allowed || domain->flags & TAMON_DOMAIN_TELL) && !(opts & CAP_OPT_NOAUDIT) && first_use(number, cap))
			tell_overstepped(TAMON_MAY_USE, TAMON_WAS_LET, number, cap, 0, false);
		return 0;
	}
	/* refused without us: it does not have it */
	bpf_probe_read_kernel(&held, sizeof(held), &cred->cap_effective);
	if (held >> (cap & 63) & 1 && !(opts & CAP_OPT_NOAUDIT))
		tell_overstepped(TAMON_MAY_USE, TAMON_WAS_DENIED, number, cap, 0, false);
	return -EPERM;
}

static __always_inline bool is_own_domain(struct task_struct *target)
{
	u32 mine = domain_number(bpf_get_current_task_btf()->tgid);

	return mine && mine == domain_number(target->tgid);
}

// int security_ptrace_access_check(struct task_struct *child, unsigned int mode): /proc/PID/mem and its like ask it too, so
// reading is let through
SEC("lsm/ptrace_access_check")
int BPF_PROG(may_trace, struct task_struct *child, unsigned int mode, int ret)
{
	enum { PTRACE_MODE_ATTACH = 2 };

	if (ret || !(mode & PTRACE_MODE_ATTACH) || is_own_domain(child))
		return ret;
	return never(TAMON_MAY_TRACE, child->tgid);
}

// int security_task_kill(struct task_struct *p, struct kernel_siginfo *info, int sig, const struct cred *cred)
SEC("lsm/task_kill")
int BPF_PROG(may_signal, struct task_struct *p, void *info, int sig, const struct cred *cred, int ret)
{
	u32 number;
	struct tamon_domain *domain;

	/* 1: not a process but the kernel; 17: a child tells its parent that it has ended; 0 only asks */
	if (ret || !sig || sig == 17 || (u64)info == 1 || is_own_domain(p))
		return ret;
	domain = my_domain(&number);
	if (!domain || !(domain->flags & TAMON_DOMAIN_OWN_SIGNALS))
		return 0;
	return never(TAMON_MAY_SIGNAL, p->tgid);
}

// int security_sb_mount(const char *dev_name, const struct path *path, const char *type, unsigned long flags, void *data)
SEC("lsm/sb_mount")
int BPF_PROG(may_mount, const char *dev_name, const struct path *path, const char *type, unsigned long flags)
{
	return never(TAMON_MAY_MOUNT, 0);
}

// int security_sb_umount(struct vfsmount *mnt, int flags)
SEC("lsm/sb_umount")
int BPF_PROG(may_umount, struct vfsmount *mnt, int flags, int ret)
{
	return ret ? ret : never(TAMON_MAY_MOUNT, 0);
}

// int security_move_mount(const struct path *from_path, const struct path *to_path)
SEC("lsm/move_mount")
int BPF_PROG(may_move_mount, const struct path *from_path, const struct path *to_path, int ret)
{
	return ret ? ret : never(TAMON_MAY_MOUNT, 0);
}

// int security_sb_pivotroot(const struct path *old_path, const struct path *new_path)
SEC("lsm/sb_pivotroot")
int BPF_PROG(may_pivot, const struct path *old_path, const struct path *new_path, int ret)
{
	return ret ? ret : never(TAMON_MAY_MOUNT, 0);
}

// int security_kernel_read_file(struct file *file, enum kernel_read_file_id id, bool contents)
SEC("lsm/kernel_read_file")
int BPF_PROG(may_load_file, struct file *file, int id, bool contents, int ret)
{
	enum { READING_MODULE = 2 };

	return ret || id != READING_MODULE ? ret : never(TAMON_MAY_MODULE, 0);
}

// int security_kernel_load_data(enum kernel_load_data_id id, bool contents): init_module, which has no file
SEC("lsm/kernel_load_data")
int BPF_PROG(may_load_data, int id, bool contents, int ret)
{
	enum { LOADING_MODULE = 2 };

	return ret || id != LOADING_MODULE ? ret : never(TAMON_MAY_MODULE, 0);
}

// int security_kernel_module_request(char *name): the kernel would load it for the caller
SEC("lsm/kernel_module_request")
int BPF_PROG(may_request, char *name, int ret)
{
	return ret ? ret : never(TAMON_MAY_MODULE, 0);
}

// int security_create_user_ns(const struct cred *cred): from 6.1
SEC("lsm/userns_create")
int BPF_PROG(may_make_namespace, const struct cred *cred, int ret)
{
	return ret ? ret : never(TAMON_MAY_NAMESPACE, 0);
}

// int security_task_alloc(struct task_struct *task, unsigned long clone_flags): the others of a new process; `task` is not
// yet anybody
SEC("lsm/task_alloc")
int BPF_PROG(may_clone, struct task_struct *task, unsigned long clone_flags, int ret)
{
	return ret || !(clone_flags & CLONE_NEW) ? ret : never(TAMON_MAY_NAMESPACE, 0);
}

// int security_mmap_file(struct file *file, unsigned long reqprot, unsigned long prot, unsigned long flags)
SEC("lsm/mmap_file")
int BPF_PROG(may_map, struct file *file, unsigned long reqprot, unsigned long prot, unsigned long flags, int ret)
{
	return ret || (prot & (PROT_WRITE | PROT_EXEC)) != (PROT_WRITE | PROT_EXEC) ? ret : never(TAMON_MAY_WX, 0);
}

// int security_file_mprotect(struct vm_area_struct *vma, unsigned long reqprot, unsigned long prot): written pages become
// executable, or they are to be both
SEC("lsm/file_mprotect")
int BPF_PROG(may_protect, struct vm_area_struct *vma, unsigned long reqprot, unsigned long prot, int ret)
{
	if (ret || !(prot & PROT_EXEC))
		return ret;
	/* memory of a file that nobody wrote to is only what the file holds */
	if (!(prot & PROT_WRITE) && vma->vm_file && !vma->anon_vma)
		return 0;
	return never(TAMON_MAY_WX, 0);
}
