/** A connector: records of topics into a file. */
@NullMarked
package ${package};

import org.jspecify.annotations.NullMarked;
