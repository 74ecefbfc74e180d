//! Lengths whose FFT is fast.

/// The smallest even number of the form 2^a·3^b·5^c that is at least `n`.
pub fn five_smooth_at_least(n: usize) -> usize {
    let mut best = n.max(2).next_power_of_two();
    let mut five = 1;
    while five < best {
        let mut three = five;
        while three < best {
            let mut candidate = 2 * three;
            while candidate < n {
                candidate *= 2;
            }
            best = best.min(candidate);
            three *= 3;
        }
        five *= 5;
    }
    best
}

#[cfg(test)]
mod tests {
    use super::five_smooth_at_least;

    #[test]
    fn is_the_next_even_product_of_two_three_and_five() {
        let slow = |n: usize| {
            (n.max(2)..).find(|&m| {
                let mut rest = m;
                for p in [2, 3, 5] {
                    while rest % p == 0 {
                        rest /= p;
                    }
                }
                m % 2 == 0 && rest == 1
            })
        };
        for n in (1..3000).chain([173_999, 174_961]) {
            assert_eq!(Some(five_smooth_at_least(n)), slow(n), "{n}");
        }
    }
}
