/* A stand-in for a test's source: it asks who it is and tries to become the same. */
#include <stdio.h>
#include <unistd.h>

int main(void)
{
	printf("%d %d\n", (int)getuid(), setuid(getuid()));
	return 0;
}
