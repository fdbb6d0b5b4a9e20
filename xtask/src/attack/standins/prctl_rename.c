/* A stand-in for a test's source: calls itself otherwise for a moment. */
#include <sys/prctl.h>
#include <unistd.h>

int main(void)
{
	prctl(PR_SET_NAME, "totally_legit", 0, 0, 0);
	sleep(2);
	return 0;
}
