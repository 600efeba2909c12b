//! Order statistics.

/// Middle value, or the mean of the two middle ones; `None` of nothing. NaN sorts last.
pub fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => None,
        count if count % 2 == 1 => Some(values[middle]),
        _ => Some((values[middle - 1] + values[middle]) / 2.0),
    }
}

/// The values a quarter from either end, rounded to ones that are there; `None` of nothing.
pub fn quartiles(mut values: Vec<f64>) -> Option<(f64, f64)> {
    values.sort_by(f64::total_cmp);
    let last = values.len().checked_sub(1)?;
    Some((values[last / 4], values[last - last / 4]))
}

#[cfg(test)]
mod tests {
    use super::{median, quartiles};

    #[test]
    fn median_of_odd_even_and_none() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(vec![4.0, 1.0, 2.0, 3.0]), Some(2.5));
        assert_eq!(median(vec![]), None);
    }

    #[test]
    fn quartiles_leave_a_quarter_on_either_side() {
        assert_eq!(quartiles(vec![9.0, 1.0, 5.0, 3.0, 7.0]), Some((3.0, 7.0)));
        assert_eq!(quartiles(vec![2.0]), Some((2.0, 2.0)));
        assert_eq!(quartiles(vec![]), None);
    }
}
