// A stand-in for a test's source: it greets.
#include <iostream>

int main()
{
	std::cout << "hello\n";
}
