package io.github.etcdlock.aop;

import java.util.function.Predicate;

import org.jspecify.annotations.Nullable;
import org.springframework.expression.spel.SpelNode;
import org.springframework.expression.spel.ast.Assign;
import org.springframework.expression.spel.ast.BeanReference;
import org.springframework.expression.spel.ast.CompoundExpression;
import org.springframework.expression.spel.ast.ConstructorReference;
import org.springframework.expression.spel.ast.FunctionReference;
import org.springframework.expression.spel.ast.Indexer;
import org.springframework.expression.spel.ast.MethodReference;
import org.springframework.expression.spel.ast.OpDec;
import org.springframework.expression.spel.ast.OpInc;
import org.springframework.expression.spel.ast.Projection;
import org.springframework.expression.spel.ast.PropertyOrFieldReference;
import org.springframework.expression.spel.ast.Selection;
import org.springframework.expression.spel.ast.TypeReference;
import org.springframework.expression.spel.ast.VariableReference;

/** What an expression may say: everything else is refused before the first call. */
final class ExpressionRules {

	private static final String READ_ONLY = "Expressions of locks only read: arguments (#id), their properties and "
			+ "methods, #root.target and #root.method";

	private final Parameters parameters;

	private final @Nullable Predicate<String> beans;

	ExpressionRules(Parameters parameters, @Nullable Predicate<String> beans) {
		this.parameters = parameters;
		this.beans = beans;
	}

	void check(SpelNode root) {
		check(root, true);
	}

	/**
	 * Checks a node, given whether a bare name in it would mean a property of the root.
	 */
	private void check(SpelNode node, boolean ofRoot) {
		if (node instanceof TypeReference || node instanceof ConstructorReference || node instanceof Assign
				|| node instanceof OpInc || node instanceof OpDec || node instanceof FunctionReference) {
			throw new LockMistake("its expression uses " + node.toStringAST() + ", which is not allowed", READ_ONLY);
		}
		if (node instanceof BeanReference) {
			checkBean(node.toStringAST());
		}
		else if (node instanceof VariableReference) {
			checkVariable(node.toStringAST().substring(1));
		}
		else if (ofRoot) {
			checkName(node);
		}
		boolean nested = node instanceof Projection || node instanceof Selection || node instanceof Indexer;
		for (int i = 0; i < node.getChildCount(); i++) {
			boolean first = i == 0 || !(node instanceof CompoundExpression);
			check(node.getChild(i), ofRoot && !nested && first);
		}
	}

	private void checkVariable(String name) {
		if (!name.equals("root") && !name.equals("this")) {
			this.parameters.check(name);
		}
	}

	private void checkName(SpelNode node) {
		if (node instanceof PropertyOrFieldReference reference && !reference.getName().equals("target")
				&& !reference.getName().equals("method")) {
			throw new LockMistake(
					"its expression names " + reference.getName() + ", which is neither target nor method",
					"For the parameter write #" + reference.getName() + ", for text '" + reference.getName() + "'");
		}
		if (node instanceof MethodReference) {
			throw new LockMistake("its expression calls " + node.toStringAST() + " on nothing",
					"For a method of the bean itself write #root.target." + node.toStringAST());
		}
	}

	private void checkBean(String reference) {
		if (this.beans == null) {
			throw new LockMistake("its expression uses the bean " + reference + ", which is switched off",
					"Set etcd-lock.aop.bean-references=true to allow it");
		}
		String name = reference.replaceFirst("^[@&]", "").replace("'", "");
		if (!this.beans.test(name)) {
			throw new LockMistake("its expression uses the bean " + reference + ", which does not exist",
					"Name a bean of this application");
		}
	}

}
