// SPDX-License-Identifier: MIT
// Lookup NAME... -- the addresses that Java's own resolver gives for each name, a line a name, in 20 attempts.
import java.net.InetAddress;

public class Lookup {
	public static void main(String[] names) throws Exception {
		for (String name : names) {
			StringBuilder line = new StringBuilder();
			for (int i = 0; i < 20; i++)
				for (InetAddress address : InetAddress.getAllByName(name))
					line.append(address.getHostAddress()).append(' ');
			System.out.println(line.toString().trim());
		}
	}
}
