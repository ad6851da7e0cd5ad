/** End to end: the operator's commands on real servers and a real cluster. */
package org.aima.archival.e2e;
