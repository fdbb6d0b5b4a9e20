//! The end of a hunt's time, inside a join too: one whose condition holds for hardly any pair of rows goes through millions
//! of pairs before it gives anything back, and nobody could stop it meanwhile. So the condition itself looks at the clock, and
//! what joins give back lets others have their turn.

use arrow::array::RecordBatch;
use arrow::datatypes::{FieldRef, Schema};
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::ColumnarValue;
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::coop::CooperativeExec;
use datafusion::physical_plan::joins::utils::JoinFilter;
use datafusion::physical_plan::joins::{CrossJoinExec, HashJoinExec, NestedLoopJoinExec, SortMergeJoinExec};
use datafusion::physical_plan::{ExecutionPlan, PhysicalExpr};
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// When it is, and how long that was from the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Deadline {
    pub at: Instant,
    pub limit: Duration,
}

/// What a condition fails with when it is past.
#[derive(Debug, thiserror::Error)]
#[error("the hunt's time is up")]
pub(super) struct TimeIsUp(pub Duration);

impl PhysicalOptimizerRule for Deadline {
    fn name(&self) -> &str {
        "deadline"
    }

    fn optimize(&self, plan: Arc<dyn ExecutionPlan>, _config: &ConfigOptions) -> Result<Arc<dyn ExecutionPlan>> {
        let join = |node: Arc<dyn ExecutionPlan>| {
            let Some(joined) = self.watched(&node)? else { return Ok(Transformed::no(node)) };
            Ok(Transformed::yes(Arc::new(CooperativeExec::new(joined)) as Arc<dyn ExecutionPlan>))
        };
        plan.transform_up(join).map(|done| done.data)
    }

    fn schema_check(&self) -> bool {
        true
    }
}

impl Deadline {
    /// None for what is no join.
    fn watched(&self, node: &Arc<dyn ExecutionPlan>) -> Result<Option<Arc<dyn ExecutionPlan>>> {
        if let Some(join) = node.downcast_ref::<NestedLoopJoinExec>() {
            let filter = join.filter().map(|filter| self.filter(filter));
            let (left, right) = (Arc::clone(join.left()), Arc::clone(join.right()));
            let projection = join.projection().as_ref().map(|columns| columns.to_vec());
            let join = NestedLoopJoinExec::try_new(left, right, filter, join.join_type(), projection)?;
            return Ok(Some(Arc::new(join)));
        }
        if let Some(join) = node.downcast_ref::<HashJoinExec>() {
            let filter = join.filter().map(|filter| self.filter(filter));
            return Ok(Some(join.builder().with_filter(filter).build_exec()?));
        }
        let other = node.is::<CrossJoinExec>() || node.is::<SortMergeJoinExec>();
        Ok(other.then(|| Arc::clone(node)))
    }

    fn filter(&self, filter: &JoinFilter) -> JoinFilter {
        let condition = InTime { condition: Arc::clone(filter.expression()), deadline: *self };
        JoinFilter::new(Arc::new(condition), filter.column_indices().to_vec(), Arc::clone(filter.schema()))
    }
}

/// The condition, as long as there is time.
#[derive(Debug)]
struct InTime {
    condition: Arc<dyn PhysicalExpr>,
    deadline: Deadline,
}

impl PhysicalExpr for InTime {
    fn evaluate(&self, batch: &RecordBatch) -> Result<ColumnarValue> {
        if Instant::now() >= self.deadline.at {
            return Err(DataFusionError::External(Box::new(TimeIsUp(self.deadline.limit))));
        }
        self.condition.evaluate(batch)
    }

    fn return_field(&self, schema: &Schema) -> Result<FieldRef> {
        self.condition.return_field(schema)
    }

    fn children(&self) -> Vec<&Arc<dyn PhysicalExpr>> {
        vec![&self.condition]
    }

    fn with_new_children(self: Arc<Self>, children: Vec<Arc<dyn PhysicalExpr>>) -> Result<Arc<dyn PhysicalExpr>> {
        let [condition] = <[_; 1]>::try_from(children)
            .map_err(|_| DataFusionError::Internal("a condition in time has one child".to_owned()))?;
        Ok(Arc::new(InTime { condition, deadline: self.deadline }))
    }

    fn fmt_sql(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.condition.fmt_sql(f)
    }
}

impl fmt::Display for InTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.condition.fmt(f)
    }
}

impl PartialEq for InTime {
    fn eq(&self, other: &Self) -> bool {
        self.condition.eq(&other.condition) && self.deadline == other.deadline
    }
}

impl Eq for InTime {}

impl Hash for InTime {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.condition.hash(state);
        self.deadline.hash(state);
    }
}
