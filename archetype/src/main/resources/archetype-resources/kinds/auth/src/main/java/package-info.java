/** An authenticator: API keys instead of passwords. */
@NullMarked
package ${package};

import org.jspecify.annotations.NullMarked;
